"""An installation in good health but for Temporal, which the fakes lack; and a doctor for it."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple
from unittest import mock

from typer.testing import Result

from connection import Gateways
from console.deploy import released_migrations
from domain.booking import Product
from domain.clocks import ClockReading
from domain.health import AppliedMigration
from domain.money import Money
from gateways.fakes.booking import FakeBookingProvider
from gateways.fakes.booking_accounts import FakeBookingProviders
from gateways.fakes.mail import FakeMail
from gateways.fakes.payments import FakePayments
from gateways.fakes.records import InMemoryRecords
from gateways.signed_mandates import SignedMandates
from tests.backups import NEW, Healthy
from tests.console.command_line import CommandLine, Connect, FakeDoors, no_temporal
from tests.field_keys import fields
from tests.gateways.households import Household, new_household
from tests.mandates import KEYS, MANDATES

NOWHERE = "127.0.0.1:1"

SECRETS = {
    "SUPABASE_SERVICE_ROLE_KEY": "sb_secret_marked",
    "STRIPE_SECRET_KEY": "sk_test_marked",
    "BOOKEO_SECRET_KEY": "marked-application",
    "BOOKEO_API_KEY": "marked-account",
    "MANDATE_SIGNING_KEYS": KEYS.get_secret_value(),
    "SMTP_URL": f"smtp://robot:marked-password@{NOWHERE}",
    "DATABASE_URL": f"postgresql://owner:marked-owner@{NOWHERE}/postgres",
    "BACKUP_KEYS": NEW,
}

ENVIRONMENT = {
    **SECRETS,
    "TEMPORAL_ADDRESS": NOWHERE,
    "SUPABASE_URL": f"http://{NOWHERE}",
    "STRIPE_API_BASE": f"http://{NOWHERE}",
    "BOOKEO_API_BASE": f"http://{NOWHERE}/v2",
    "MAIL_FROM": "hello@signupassist.example",
    "AUTH0_DOMAIN": "signupassist.us.auth0.com",
    "AUTH0_AUDIENCE": "https://signupassist.example/mcp",
    "PUBLIC_URL": "https://signupassist.example",
    "BACKUP_TARGET": "folder:/backups",
}


class Line(NamedTuple):
    """One line of the doctor's."""

    state: str
    sentence: str
    remedy: str | None


class Diagnosis(NamedTuple):
    """What the doctor said, and how the command ended."""

    exit_code: int
    state: str
    lines: Mapping[str, Line]

    @classmethod
    def read(cls, exit_code: int, printed: str) -> "Diagnosis":
        said = json.loads(printed)
        lines = {
            one["name"]: Line(one["state"], one["sentence"], one["remedy"])
            for one in said["findings"]
        }
        assert len(lines) == len(said["findings"]), "two lines of one name"
        return cls(exit_code, said["state"], lines)

    def complaints(self) -> set[str]:
        return {name for name, line in self.lines.items() if line.state != "pass"}


@dataclass
class Clinic:
    """Every part within reach, to be broken one at a time."""

    records: InMemoryRecords
    family: Household
    connect: Connect
    provider: FakeBookingProvider = field(default_factory=FakeBookingProvider)
    payments: FakePayments = field(default_factory=FakePayments)
    mail: FakeMail = field(default_factory=FakeMail)
    mandates: SignedMandates = MANDATES
    archive: Healthy = field(default_factory=Healthy)
    env: dict[str, str] = field(default_factory=lambda: dict(ENVIRONMENT))
    database_answers: bool = True

    async def run(self, *arguments: object) -> Result:
        return await self.command("doctor", *arguments)

    async def command(self, *arguments: object) -> Result:
        providers = FakeBookingProviders({"pool": self.provider})
        gateways = Gateways(self.records, providers, self.payments, self.mandates)
        doors = FakeDoors(gateways, self.connect, self.mail)
        doors.database_answers = self.database_answers
        doors.field_keys = fields(*filter(None, self.env.get("FIELD_KEYS", "").split(",")))
        doors.archive = self.archive
        with mock.patch.dict(os.environ, self.env, clear=True):
            return await CommandLine(doors).run(*arguments)

    async def diagnosis(self, *arguments: object) -> Diagnosis:
        result = await self.run("--json", *arguments)
        assert not result.stderr, result.output
        return Diagnosis.read(result.exit_code, result.stdout)

    def later(self, by: timedelta) -> None:
        """The database's clock goes on."""
        now = self.records.now
        self.records.now = lambda: now() + by

    def offer(self, **changes: object) -> None:
        """The family's program, as the provider has it."""
        program = self.family.program
        product = Product(
            product_id=program.program_ref,
            name=program.name,
            type="fixed",
            api_bookings_allowed=True,
            price_per_category={program.people_category: Money(amount_cents=program.price_cents)},
        )
        self.provider.add_product(product.model_copy(update=changes))


async def new_clinic(connect: Connect = no_temporal) -> Clinic:
    records = InMemoryRecords()
    records.applied = tuple(
        AppliedMigration(version=version, sha256=one.sha256)
        for version, one in released_migrations().items()
    )
    clinic = Clinic(records, await new_household(records), connect)
    clinic.offer()
    clinic.provider.reading = ClockReading(
        offset=timedelta(), uncertainty=timedelta(milliseconds=200), readings=3
    )
    return clinic
