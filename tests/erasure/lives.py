"""Families that are marked all over, at every service, and wish to be forgotten."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID, uuid4

import httpx
import psycopg
from temporalio.client import Client

from connection import Gateways
from domain.contracts import ChargeResult
from domain.family import Child, Guardian, NewChild
from domain.identifiers import (
    cancellation_workflow_id,
    registration_workflow_id,
    review_workflow_id,
)
from domain.pacing import Pace
from domain.programs import ProviderAccount
from domain.registrations import Registration
from domain.states import FeeStatus
from tests.gateways.households import Household, completion, looked, some_program

ISSUER = "https://issuer.example/"
NOBODYS_QUEUE = "nobody-serves-this"
AT_WILL = Pace(rate_per_second=10_000, burst=10_000, spacing=timedelta(), concurrency=1_000)


@dataclass(frozen=True)
class Life:
    """One account with everything that it leaves behind."""

    mark: str
    user_id: UUID
    household: Household
    guardian: Guardian
    done: Registration
    """Booked, and its fee paid."""
    draft: Registration
    org_ref: str

    @property
    def subject(self) -> str:
        """Of the parent's token."""
        return f"auth0|{self.mark}"

    @property
    def workflow_ids(self) -> tuple[str, ...]:
        return tuple(
            name(row.id)
            for row in (self.done, self.draft)
            for name in (registration_workflow_id, review_workflow_id, cancellation_workflow_id)
        )


async def lived(gateways: Gateways, temporal: Client) -> Life:
    """A family with a booking, a receipt, a draft, histories and people at the organiser."""
    mark = f"Quillfeather{uuid4().hex[:10]}"
    records = gateways.records
    user_id = await records.user_for(ISSUER, f"auth0|{mark}")
    guardian = Guardian(
        first_name=f"Ysolde {mark}",
        last_name=mark,
        email=f"{mark}@example.com",
        phone="+1 646 907 3318",
        birth_date=date(1971, 11, 23),
    )
    await records.save_guardian(user_id, guardian)
    child = NewChild(first_name=f"Tam {mark}", last_name=mark, birth_date=date(2018, 8, 17))
    children = (await records.add_child(user_id, child, []),)
    household = await _offered(gateways, user_id, children, await _customer(gateways, user_id))
    draft = await household.draft(summary=f"Register {mark}.")
    done = await _booked(gateways, household, f"Register {mark}, too.")
    account = (await records.agreement(done.id)).account
    await gateways.providers.account(account.credentials_ref, account.pace).people(
        guardian, children, "Cchildren"
    )
    life = Life(mark, user_id, household, guardian, done, draft, account.org_ref)
    await _remembered(temporal, life)
    return life


async def _customer(gateways: Gateways, user_id: UUID) -> str:
    """A customer at the payment service, with a card saved on its page."""
    records, payments = gateways.records, gateways.payments
    customer = await payments.create_customer(user_id)
    page = await payments.start_card_setup(customer, "http://127.0.0.1/cards")
    async with httpx.AsyncClient(trust_env=False) as browser:
        assert (await browser.post(page.url, data={"card": "success"})).is_redirect
    card = await payments.card_from_setup(page.session_id)
    assert card is not None
    await records.save_customer(user_id, customer)
    await records.save_card_setup(user_id, page.session_id)
    await records.save_card(user_id, page.session_id, card)
    return customer


async def _offered(
    gateways: Gateways, user_id: UUID, children: tuple[Child, ...], customer: str
) -> Household:
    org_ref = f"org-{uuid4().hex}"
    account = ProviderAccount(org_ref=org_ref, name="Community Pool", pace=AT_WILL)
    await gateways.records.save_provider_account(account)
    program = await gateways.records.save_program(some_program(org_ref))
    return Household(gateways.records, user_id, children, program, customer)


async def _booked(gateways: Gateways, household: Household, summary: str) -> Registration:
    """Completed, and its fee charged."""
    row = await household.draft(summary=summary)
    await household.confirm(row)
    row = await gateways.records.registration(row.id)
    await household.claim(row)
    row = await gateways.records.registration(row.id)
    await gateways.records.open_attempt(row.id, row.scheduled_time, f"erasure/{row.id}")
    frozen = await household.charge(row)
    assert frozen is not None
    outcome = await gateways.payments.charge(frozen)
    fee = ChargeResult(fee_status=FeeStatus.PAID, outcome=outcome)
    await gateways.records.record_outcome(completion(row, fee))
    await looked(gateways.records, row)
    return await gateways.records.registration(row.id)


async def _remembered(temporal: Client, life: Life) -> None:
    """Histories that name the family: a run that has ended, and the one after it."""
    own = registration_workflow_id(life.done.id)
    for _ in range(2):
        ended = await temporal.start_workflow(
            "registration", {"told": life.mark}, id=own, task_queue=NOBODYS_QUEUE
        )
        await ended.terminate()


def tables_naming(database_url: str, mark: str) -> set[str]:
    """Every table with a row in which that stands."""
    with psycopg.connect(database_url) as database:
        names = database.execute(
            "select relname from pg_class where relnamespace = 'public'::regnamespace"
            " and relkind = 'r'"
        ).fetchall()
        return {
            name
            for (name,) in names
            if database.execute(
                f"select 1 from public.{name} as t where t::text ilike %s limit 1".encode(),  # noqa: S608 - names of the schema
                (f"%{mark}%",),
            ).fetchone()
        }
