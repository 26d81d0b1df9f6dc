"""Many registrations that open soon: what looking costs, and what is said of all of them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from console.tomorrow import instants, sheet
from gateways.fakes.records import InMemoryRecords
from tests.console.cases import flat
from tests.console.clinic import Clinic
from tests.console.unready import told, with_profile


class Counting:
    """Records, and the names of what was asked of them."""

    def __init__(self, records: InMemoryRecords) -> None:
        self._records = records
        self.asked: list[str] = []

    def __getattr__(self, name: str) -> Any:
        asked = getattr(self._records, name)

        async def counted(*arguments: object, **named: object) -> object:
            self.asked.append(name)
            return await asked(*arguments, **named)

        return counted


async def asked_for(clinic: Clinic) -> list[str]:
    counting = Counting(clinic.records)
    whole, clinic.records = clinic.records, counting  # pyright: ignore[reportAttributeAccessIssue]  # stands in for it
    try:
        result = await clinic.command("tomorrow")
    finally:
        clinic.records = whole
    assert "inside this program" not in result.output
    return sorted(counting.asked)


async def test_three_hundred_registrations_cost_the_database_no_more_than_one(
    clinic: Clinic,
) -> None:
    at = datetime.now(UTC) + timedelta(hours=2)
    await clinic.family.queue(1, scheduled_time=at)
    for_one = await asked_for(clinic)
    await clinic.family.queue(299, scheduled_time=at)
    await with_profile(card=None)(clinic)

    for_all = await asked_for(clinic)
    shown = await clinic.command("tomorrow")

    assert for_all == for_one
    # And one to each key of mandates, which is tried on a mandate that it signed.
    assert for_one == sorted(
        ["openings", "ping", "health_report", "service_state", "account_pauses", "agreement"]
    )
    words = flat(shown.stdout)
    # Six at once, the others three a second.
    assert "300 registrations at 1 account; the last is sent 98.00 s after the opening." in words
    assert "0 of 300" in words
    assert "and 296 more" in words


async def test_of_very_many_events_the_account_is_asked_for_the_seats_of_a_few(
    clinic: Clinic,
) -> None:
    await clinic.family.queue(17, scheduled_time=datetime.now(UTC) + timedelta(hours=2))

    ((account,),) = [one["accounts"] for one in (await told(clinic))["instants"]]

    untold = [each["readiness"]["product"] for each in account["registrations"]]
    assert untold == ["ready"] * 15 + ["untold"] * 2
    assert account["ready"] == 17


async def test_more_than_one_worker_arms_in_time_are_told(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in (instants, sheet):
        monkeypatch.setattr(place, "ARMED_SAFELY", 2)
    await clinic.family.queue(3, scheduled_time=datetime.now(UTC) + timedelta(hours=2))

    shown = flat((await clinic.command("tomorrow")).stdout)

    assert "One worker arms 2 of an instant in time: the last 1 may leave late." in shown


async def test_openings_come_in_their_order_each_with_its_accounts(
    clinic: Clinic,
) -> None:
    now = datetime.now(UTC)
    late = await clinic.family.queue(1, scheduled_time=now + timedelta(hours=5))
    soon = await clinic.family.queue(2, scheduled_time=now + timedelta(hours=1))

    found = await told(clinic)

    codes = [
        [each["code"] for account in one["accounts"] for each in account["registrations"]]
        for one in found["instants"]
    ]
    assert codes == [[row.code for row in soon], [row.code for row in late]]
    (first, _) = found["instants"]
    spread = datetime.fromisoformat(first["last_send_at"]) - soon[0].scheduled_time
    assert spread == timedelta(milliseconds=40)
