"""The front door: everything a client may do, and the operator's command line."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from temporalio.client import Client, Plugin

from activities.clock import Clock, SystemClock
from activities.fee_links import FeeLinks
from connection import Gateways, connect_temporal, open_gateways
from domain.pages import card_saved
from domain.timing import Timing
from front_door.agreements import Agreements
from front_door.cards import Cards
from front_door.changes import Changes
from front_door.deletions import Deletions
from front_door.drafts import Drafts
from front_door.family import Family
from front_door.notices import ProviderNotices
from front_door.programs import Programs
from front_door.registrations import Registrations
from front_door.reviews import Reviews
from front_door.run_updates import RunUpdates
from front_door.stripe_notices import StripeNotices
from front_door.subscriptions import Subscriptions
from gateways import BookingProviders, Records
from settings import FrontDoorSettings
from subscription_settings import SubscriptionSettings


@dataclass(frozen=True)
class FrontDoor:
    """Every door takes the user's id first and acts for that user alone.

    But `reviews`: they are the operator's, who acts on any registration.
    """

    programs: Programs
    family: Family
    cards: Cards
    drafts: Drafts
    agreements: Agreements
    changes: Changes
    registrations: Registrations
    reviews: Reviews
    notices: ProviderNotices
    subscriptions: Subscriptions
    stripe_notices: StripeNotices
    deletions: Deletions
    records: Records
    providers: BookingProviders
    temporal: Client

    @classmethod
    def over(
        cls,
        temporal: Client,
        gateways: Gateways,
        public_url: str,
        timing: Timing | None = None,
        clock: Clock | None = None,
        price_id: str | None = None,
    ) -> "FrontDoor":
        """The door over a Temporal client and a set of gateways.

        `public_url` is where our own pages are, which others' pages lead back to; `price_id` that
        of the subscription that is sold, None for none.
        """
        timing, clock = timing or Timing(), clock or SystemClock()
        links = FeeLinks(gateways.records, gateways.payments, gateways.mandates, public_url, clock)
        updates = RunUpdates(temporal)
        registrations = Registrations(gateways.records, links, updates)
        agreements = Agreements(
            gateways.records, gateways.providers, gateways.payments, timing, clock, registrations
        )
        stripe_notices = StripeNotices(temporal)
        return cls(
            programs=Programs(gateways.records),
            family=Family(gateways.records),
            cards=Cards(gateways.records, gateways.payments, card_saved(public_url)),
            drafts=Drafts(gateways.records, timing, clock),
            agreements=agreements,
            changes=Changes(
                temporal, gateways.records, timing, clock, registrations, updates, agreements
            ),
            registrations=registrations,
            reviews=Reviews(temporal, gateways.records, timing),
            notices=ProviderNotices(temporal),
            subscriptions=Subscriptions(
                gateways.records,
                gateways.payments,
                stripe_notices,
                public_url,
                price_id,
                clock,
            ),
            stripe_notices=stripe_notices,
            deletions=Deletions(temporal, gateways.records, clock),
            records=gateways.records,
            providers=gateways.providers,
            temporal=temporal,
        )

    async def user_for(self, issuer: str, subject: str) -> UUID:
        """The user behind a verified token: by issuer and subject, never by mail address."""
        return await self.records.user_for(issuer, subject)


@asynccontextmanager
async def open_front_door(plugins: Sequence[Plugin] = ()) -> AsyncGenerator[FrontDoor]:
    """The front door over the real outside; `plugins` are those of `connect_temporal`.

    Raises:
        SettingsError: the environment is incomplete.
        WorkflowsUnreachable: Temporal does not answer.
    """
    public_url = FrontDoorSettings.load().public_url
    price_id = SubscriptionSettings.load().price_on_sale
    async with open_gateways() as gateways:
        temporal = await connect_temporal(plugins=plugins)
        yield FrontDoor.over(temporal, gateways, public_url, price_id=price_id)


if __name__ == "__main__":
    from console import main

    main()
