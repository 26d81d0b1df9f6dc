"""/v1/subscriptions. They begin on a Checkout Session alone."""

from typing import Any, ClassVar, Literal

from stripe.params import (
    SubscriptionCancelParams,
    SubscriptionListParams,
    SubscriptionRetrieveParams,
    SubscriptionUpdateParams,
)

from sandbox.stripe import billing
from sandbox.stripe.api import Endpoint
from sandbox.stripe.objects import subscription
from sandbox.stripe.objects.payment_method import PaymentMethod
from sandbox.stripe.objects.subscription import LIVE, Subscription
from sandbox.stripe.wire.listing import ListParameters, page
from sandbox.stripe.wire.parameters import Parameters, SentMetadata, Updating, merged, names_of
from sandbox.stripe.wire.refusals import invalid_request, missing
from sandbox.stripe.work import Work

_ASKED_FOR = {"all": (), "ended": ("canceled",), "canceled": ("canceled",)}


class RetrieveSubscription(Parameters):
    """Of one subscription."""

    known: ClassVar = names_of(SubscriptionRetrieveParams)


class ListSubscriptions(ListParameters):
    """Without a status those that go on."""

    known: ClassVar = names_of(SubscriptionListParams)

    status: (
        Literal[
            "active",
            "all",
            "canceled",
            "ended",
            "incomplete",
            "incomplete_expired",
            "past_due",
            "paused",
            "trialing",
            "unpaid",
        ]
        | None
    ) = None


class UpdateSubscription(Updating):
    """What an account changes of its own; prices are not changed here."""

    known: ClassVar = names_of(SubscriptionUpdateParams)

    cancel_at_period_end: bool = False
    default_payment_method: str | None = None
    metadata: SentMetadata = None


class CancelSubscription(Parameters):
    """At once, without a final invoice."""

    known: ClassVar = names_of(SubscriptionCancelParams)


def retrieve(work: Work, asked: RetrieveSubscription) -> Subscription:  # noqa: ARG001 - an action's shape
    """One subscription, also one that has ended."""
    billing.catch_up(work)
    return work.named(Subscription)


def listed(work: Work, asked: ListSubscriptions) -> dict[str, Any]:
    """Newest first."""
    billing.catch_up(work)
    status = LIVE if asked.status is None else _ASKED_FOR.get(asked.status, (asked.status,))
    return page(work, Subscription, asked, url="/v1/subscriptions", where={"status": status})


def update(work: Work, asked: UpdateSubscription) -> Subscription:
    """Change what was sent."""
    billing.catch_up(work)
    plan = work.named(Subscription)
    if not plan.live:
        raise invalid_request(
            "A canceled subscription can only update its cancellation_details and metadata."
        )
    changes = asked.changes("cancel_at_period_end", "default_payment_method")
    if "cancel_at_period_end" in changes:
        ends = asked.cancel_at_period_end
        changes["cancel_at"] = plan.period_end if ends else None
        changes["canceled_at"] = (plan.canceled_at or work.now) if ends else None
    if "default_payment_method" in changes:
        _check_owner(work, asked.default_payment_method, plan.customer)
    if "metadata" in asked.model_fields_set:
        changes["metadata"] = merged(plan.metadata, asked.metadata)
    return subscription.changed(work, plan, **changes)


def cancel(work: Work, asked: CancelSubscription) -> Subscription:  # noqa: ARG001 - an action's shape
    """End it."""
    billing.catch_up(work)
    plan = work.named(Subscription)
    if not plan.live:
        raise missing("subscription", plan.id, param="id", status=404)
    return billing.end(work, plan)


def _check_owner(work: Work, method_id: str | None, customer_id: str) -> None:
    method = work.find(PaymentMethod, method_id) if method_id else None
    if method is None or method.customer != customer_id:
        raise missing("PaymentMethod", str(method_id), param="default_payment_method")


ENDPOINTS: tuple[Endpoint[Any], ...] = (
    Endpoint("GET", "/v1/subscriptions", ListSubscriptions, listed),
    Endpoint("GET", "/v1/subscriptions/{id}", RetrieveSubscription, retrieve),
    Endpoint("POST", "/v1/subscriptions/{id}", UpdateSubscription, update),
    Endpoint("DELETE", "/v1/subscriptions/{id}", CancelSubscription, cancel),
)
