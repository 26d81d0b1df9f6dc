import pytest
import stripe

from sandbox.stripe.records import Record
from sandbox.stripe.vendor import KINDS

SDK: dict[str, type[stripe.StripeObject]] = {
    "customer": stripe.Customer,
    "payment_method": stripe.PaymentMethod,
    "checkout.session": stripe.checkout.Session,
    "setup_intent": stripe.SetupIntent,
    "payment_intent": stripe.PaymentIntent,
    "charge": stripe.Charge,
    "refund": stripe.Refund,
    "price": stripe.Price,
    "subscription": stripe.Subscription,
    "invoice": stripe.Invoice,
    "event": stripe.Event,
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_is_one_that_the_sdk_knows_and_none_that_it_relies_on_is_missing(
    kind: type[Record],
) -> None:
    known = SDK[kind.model_fields["object"].default].__annotations__
    required = {
        name
        for name, annotation in known.items()
        if not str(annotation).startswith(("typing.Optional", "typing.ClassVar"))
    }

    shown = set(kind.model_fields) - kind.hidden

    assert shown <= set(known)
    assert required <= shown
