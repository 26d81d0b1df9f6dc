"""The program the demo signs up for, whose organiser opens it when the story wants it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Self
from uuid import uuid4

from domain.programs import Program
from sandbox.bookeo.control import BookeoControl
from sandbox.catalogue import SWIM, TIME_ZONE, Listing

PLACES = 8


class SwimTeam:
    """A program of the swim school that nobody knows the opening of yet.

    Args:
        listing: what to seed, before anything else here.
    """

    def __init__(self, listing: Listing) -> None:
        self.listing = listing

    @classmethod
    def new(cls, places: int = PLACES) -> Self:
        """A program of its own for this run, so that a folder can be used for many."""
        starts = (datetime.now(UTC) + timedelta(days=30)).replace(minute=0, second=0, microsecond=0)
        program = Program(
            id=uuid4(),
            provider=SWIM.account.provider,
            org_ref=SWIM.account.org_ref,
            program_ref="swim-team-spring",
            event_id=f"swim-team-spring-{uuid4().hex[:8]}",
            name="Spring Swim Team",
            starts_at=starts,
            ends_at=starts + timedelta(hours=1),
            time_zone=TIME_ZONE,
            price_cents=12_500,
        )
        return cls(Listing(SWIM, program, places))

    @property
    def program(self) -> Program:
        """As SignupAssist knows it."""
        return self.listing.program

    def open_at(self, env: Mapping[str, str], instant: datetime) -> None:
        """Have the provider take bookings from that instant on, by its own clock, never before.

        Raises:
            ControlError: the simulator refused.
            httpx.HTTPError: it did not answer.
        """
        url, token = env["BOOKEO_SIM_CONTROL_URL"], env["BOOKEO_SIM_CONTROL_TOKEN"]
        with BookeoControl(url, token) as control:
            control.put_event(
                self.program.program_ref,
                self.program.event_id,
                account_id=self.listing.organisation.bookeo_account,
                starts_at=self.program.starts_at,
                ends_at=self.program.ends_at,
                opens_at=instant,
                capacity=self.listing.capacity,
            )
