"""Bookeo: does each account take our keys, may they book, and can each program be booked."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from concurrency import of_each
from connection import ACCOUNT_KEY_PREFIX
from console.doctor.accounts import AccountLook
from console.doctor.examination import Check, in_words
from console.doctor.findings import (
    Finding,
    InPeace,
    NotChecked,
    counted,
    failed,
    not_checked,
    passed,
    some,
    warned,
)
from console.doctor.patient import Patient, Program
from domain.booking import Product
from domain.errors import ProviderError, Rejected, Unauthorised
from domain.programs import Program as BookableProgram
from gateways import BookingProvider

NEEDED = ("bookings_rw", "customers_rw", "availability_r")
"""How the permissions begin that a registration needs: `bookings_rw_all`, and so on."""

PROGRAMS = (Program.WORKER, Program.MCP)


async def _accounts(patient: Patient) -> list[Finding]:
    looks = await patient.accounts.own()

    async def findings(look: AccountLook) -> tuple[Finding, ...]:
        return (_account(look), *await _programs(look, patient.within))

    return [finding for found in await of_each(looks, findings) for finding in found]


def _account(look: AccountLook) -> Finding:
    name, reference = f"bookeo.account.{look.account.org_ref}", look.account.credentials_ref
    variable = (
        "BOOKEO_API_KEY" if reference == "default" else f"{ACCOUNT_KEY_PREFIX}{reference.upper()}"
    )
    if look.in_peace:
        return not_checked(name, InPeace())
    if look.access is None:
        refused = isinstance(look.failure, Unauthorised)
        remedy = (
            f"Correct {variable} and BOOKEO_SECRET_KEY, in the worker and in the MCP server; or "
            "ask the organiser to let us in again."
            if refused
            else "See whether Bookeo, or BOOKEO_API_BASE, is reached. A booking waits for it, an "
            "hour at most."
        )
        return failed(name, in_words(look.failure or TimeoutError()), remedy)
    held = look.access.permissions
    lacking = [need for need in NEEDED if not any(one.startswith(need) for one in held)]
    if not held:
        return warned(
            name,
            "The account takes our keys, and does not say what they may do.",
            "See in Bookeo that they may read availability, and write bookings and customers.",
        )
    if lacking:
        return failed(
            name,
            f"The account takes our keys, and does not permit {some(lacking)}.",
            "Have the organiser install our application once more, with those permissions.",
        )
    return passed(name, f"The account takes our keys, by {variable}, and permits what is needed.")


async def _programs(look: AccountLook, within: timedelta) -> list[Finding]:
    name, provider = f"bookeo.programs.{look.account.org_ref}", look.provider
    if not look.programs:
        return []
    if provider is None or look.access is None:
        failed_there = NotChecked(f"bookeo.account.{look.account.org_ref} failed")
        return [not_checked(name, InPeace() if look.in_peace else failed_there)]
    try:
        # The first asks for the account's list, and the others find theirs in it.
        async with asyncio.timeout(2 * within.total_seconds()):
            faults = [fault for one in look.programs for fault in await _faults(provider, one)]
    except (ProviderError, TimeoutError) as failure:
        return [failed(name, in_words(failure), "See whether Bookeo is reached.")]
    return [_judged(name, look.programs, faults)]


def _judged(name: str, programs: Sequence[BookableProgram], faults: Sequence[str]) -> Finding:
    if faults:
        return failed(
            name,
            f"{some(faults)}.",
            "Correct the program (Programs in docs/operations.md), or ask the organiser to change "
            "the product. Registrations for it end as provider_blocked or over_cap.",
        )
    return passed(name, f"{counted(len(programs), 'product')} can be booked, at the saved prices.")


async def _faults(provider: BookingProvider, program: BookableProgram) -> list[str]:
    title = f"{program.name} ({program.program_ref})"
    try:
        product = await provider.product(program.program_ref)
    except Rejected:
        return [f"{title} is no product of the account"]
    blocked = product.blocked_because()
    dearer = _dearer(program, product)
    return [f"{title}: {fault}" for fault in (blocked and blocked.rstrip("."), dearer) if fault]


def _dearer(program: BookableProgram, product: Product) -> str | None:
    rate, saved = product.price_per_category.get(program.people_category), program.price_for(1)
    if rate is None or (rate.currency, rate.amount_cents) == (saved.currency, saved.amount_cents):
        return None
    return f"Bookeo asks {rate} for a child, {saved} is saved"


CHECKS = (Check("bookeo.account", _accounts, "See whether Bookeo is reached.", PROGRAMS),)
