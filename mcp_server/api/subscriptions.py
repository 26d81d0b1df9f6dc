"""`/api/subscriptions`: the paid plan of the account whose token is sent. Thin over the front door.

No path takes a user id: the token says whose subscription it is.
"""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Security
from fastapi.security import HTTPBearer

from domain.subscription_answers import CheckoutAnswer, InvoicesAnswer, SubscriptionAnswer
from front_door.subscriptions import Subscriptions
from mcp_server.answers import CardSetupAnswer
from mcp_server.api import PREFIX
from mcp_server.api.failures import RESPONSES, AnsweringRoute
from mcp_server.identity import Callers

MOST_INVOICES = 100

# The guard has checked the token before any of this; here it is described.
_BEARER = HTTPBearer(
    auto_error=False,
    bearerFormat="JWT",
    description="The same token as for the chat tools, with the scope or permission "
    "`registrations`.",
)


def subscription_routes(subscriptions: Subscriptions, callers: Callers) -> APIRouter:
    """The routes, for whoever `callers` says is calling."""
    who = Depends(callers.identify)
    router = APIRouter(
        prefix=f"{PREFIX}subscriptions",
        tags=["subscriptions"],
        route_class=AnsweringRoute,
        responses=RESPONSES,
        dependencies=[Security(_BEARER)],
    )

    @router.get("", summary="Where the subscription stands")
    async def get_subscription(caller: Annotated[UUID, who]) -> SubscriptionAnswer:  # pyright: ignore[reportUnusedFunction]  # routed
        """Status and tier, as far as Stripe has told.

        `pending` from the moment a page to subscribe on is made until Stripe has told that it was
        paid on, or its time is over: coming back from the page proves nothing.
        """
        return await subscriptions.get(caller)

    @router.post("/checkout", summary="Subscribe")
    async def start_checkout(caller: Annotated[UUID, who]) -> CheckoutAnswer:  # pyright: ignore[reportUnusedFunction]  # routed
        """A page of Stripe's on which the parent subscribes.

        Repeated it is the same page, while it may be used. Refused with `already_subscribed`,
        `profile_incomplete` or `not_offered`.
        """
        return CheckoutAnswer.of(await subscriptions.checkout(caller))

    @router.post("/cancel", summary="Let it end with its period")
    async def cancel_subscription(caller: Annotated[UUID, who]) -> SubscriptionAnswer:  # pyright: ignore[reportUnusedFunction]  # routed
        """Nothing more is charged, and everything stays as it is until `current_period_end`.

        Repeating it changes nothing more. Refused with `not_subscribed`.
        """
        return await subscriptions.cancel(caller)

    @router.post("/reactivate", summary="Let it go on after all")
    async def reactivate_subscription(caller: Annotated[UUID, who]) -> SubscriptionAnswer:  # pyright: ignore[reportUnusedFunction]  # routed
        """Takes a cancellation back while the subscription has not ended.

        Repeating it changes nothing more. Refused with `not_subscribed`.
        """
        return await subscriptions.reactivate(caller)

    @router.put("/payment-method", summary="Charge it to another card")
    async def change_payment_method(caller: Annotated[UUID, who]) -> CardSetupAnswer:  # pyright: ignore[reportUnusedFunction]  # routed
        """A page of Stripe's on which the parent saves another card; no card data passes here.

        Once it is saved, also where the page was closed at once, the subscription and what is owed
        for it is charged to it, and so is the success fee. Repeated it is the same page, while it
        may be used. Refused with `not_subscribed`.
        """
        return CardSetupAnswer.of(await subscriptions.card_page(caller))

    @router.get("/invoices", summary="What was billed")
    async def list_invoices(  # pyright: ignore[reportUnusedFunction]  # routed
        caller: Annotated[UUID, who],
        limit: Annotated[int, Query(ge=1, le=MOST_INVOICES, description="how many at most")] = 10,
        after: Annotated[
            str | None,
            Query(
                pattern=r"^in_[A-Za-z0-9_]{1,200}$",
                description="`next_after` of the page before; the newest where it is left out",
            ),
        ] = None,
    ) -> InvoicesAnswer:
        """The account's invoices, newest first, in pages."""
        return await subscriptions.invoices(caller, limit, after)

    return router
