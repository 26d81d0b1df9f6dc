"""Which test card a person pays with."""

from html import escape

from sandbox.stripe.cards import CARDS, TestCard


def choices(chosen: TestCard) -> str:
    """All of them to choose from, as HTML."""
    each = "".join(_choice(card, chosen=card is chosen) for card in CARDS)
    return f"<fieldset><legend>Test cards</legend>{each}</fieldset>"


def _choice(card: TestCard, *, chosen: bool) -> str:
    number = " ".join(card.number[start : start + 4] for start in range(0, 16, 4))
    checked = " checked" if chosen else ""
    return (
        f'<label><input type="radio" name="card" value="{escape(card.name)}"{checked}>'
        f'<span>{escape(card.label)}<span class="number">{number}</span></span></label>'
    )
