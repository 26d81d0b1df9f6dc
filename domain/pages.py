"""The pages of ours that a parent comes back to from a page of somebody else's."""


def card_saved(public_url: str) -> str:
    """After saving a card."""
    return f"{public_url}/card-saved"


def payment_approved(public_url: str) -> str:
    """After the bank's question about a payment, whatever was answered."""
    return f"{public_url}/payment-approved"


def subscribed(public_url: str) -> str:
    """After subscribing."""
    return f"{public_url}/subscribed"
