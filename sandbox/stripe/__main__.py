"""`python -m sandbox.stripe`: serve the simulator, or speak to a running one."""

import os

import typer

from sandbox.simulator.command_line import Url, command_line, fail, show
from sandbox.simulator.vendor import Vendor
from sandbox.stripe.vendor import PRICE, stripe_vendor
from sandbox.stripe.webhooks import WebhookEndpoint

TOKEN_VARIABLE = "STRIPE_SIM_CONTROL_TOKEN"  # noqa: S105 - a variable's name

TOLD = ("checkout.session.*", "setup_intent.succeeded", "customer.subscription.*", "invoice.*")
"""What an endpoint that is there from the start is told of."""


def vendor_from_environment() -> Vendor:
    """The simulator with the keys of the environment, or a sentence and exit 2."""
    secret_key = os.environ.get("STRIPE_SECRET_KEY", "")
    if not secret_key:
        fail("Set STRIPE_SECRET_KEY to the key that clients must send, e.g. sk_test_ and any text.")
    secret = os.environ.get("STRIPE_WEBHOOK_SECRET") or None
    url = os.environ.get("STRIPE_SIM_WEBHOOK_URL")
    endpoint = (
        WebhookEndpoint(id="we_from_the_start", url=url, secret=secret, enabled_events=TOLD)
        if url and secret
        else None
    )
    price = os.environ.get("STRIPE_PRICE_ID") or PRICE
    return stripe_vendor(secret_key, secret, price=price, endpoint=endpoint)


app: typer.Typer = command_line(vendor_from_environment, TOKEN_VARIABLE)


@app.command("payments")
def payments_command(url: Url, registration: str | None = None) -> None:
    """List the PaymentIntents, of one registration or all."""
    query = {} if registration is None else {"registration_id": registration}
    show(url, TOKEN_VARIABLE, lambda control: control.get("/_sim/payment_intents", **query))


if __name__ == "__main__":
    app()
