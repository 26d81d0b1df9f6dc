"""Loads the catalogue: at the provider's simulator, and in the application's database."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import httpx

from domain.errors import RecordsError
from gateways.supabase_records import SupabaseRecords
from sandbox.bookeo.control import BookeoControl
from sandbox.catalogue import OFFERS, ORGANISATIONS, SECOND_CREDENTIALS, TIME_ZONE, Listing
from sandbox.complaint import SandboxError
from sandbox.simulator.control import ControlError

SECOND_KEY = f"BOOKEO_API_KEY__{SECOND_CREDENTIALS.upper()}"


def seed(env: Mapping[str, str], more: Sequence[Listing] = ()) -> str:
    """Create or renew both organisations and their programs; returns what was done, in words.

    Openings lie some days ahead of the day of seeding; every id is the same each time.

    Args:
        env: the sandbox's variables.
        more: programs to load beside those of the catalogue.

    Raises:
        SandboxError: the simulator or the data API did not answer, or refused.
    """
    today = datetime.now(UTC).astimezone(ZoneInfo(TIME_ZONE)).date()
    listings = [*(offer.listing(today) for offer in OFFERS), *more]
    try:
        _at_the_provider(env, listings)
        asyncio.run(_in_the_database(env, listings))
    except (ControlError, RecordsError) as refused:
        raise SandboxError(f"The programs could not be loaded: {refused}") from refused
    except httpx.HTTPError as silent:
        raise SandboxError(
            f"The Bookeo simulator did not answer ({type(silent).__name__}). Is the sandbox up?"
        ) from silent
    except KeyError as missing:
        raise SandboxError(f"The variable {missing} of sandbox.env is missing.") from missing
    return f"{len(ORGANISATIONS)} organisations with {len(listings)} programs are loaded."


def _at_the_provider(env: Mapping[str, str], listings: Sequence[Listing]) -> None:
    url, token = env["BOOKEO_SIM_CONTROL_URL"], env["BOOKEO_SIM_CONTROL_TOKEN"]
    keys = {"default": env["BOOKEO_API_KEY"], SECOND_CREDENTIALS: env[SECOND_KEY]}
    with BookeoControl(url, token) as control:
        for organisation in ORGANISATIONS:
            control.put_account(
                organisation.bookeo_account,
                api_key=keys[organisation.account.credentials_ref],
                secret_key=env["BOOKEO_SECRET_KEY"],
                time_zone=TIME_ZONE,
            )
        for listing in listings:
            program, account = listing.program, listing.organisation.bookeo_account
            control.put_product(
                program.program_ref,
                account_id=account,
                name=program.name,
                rates={program.people_category: program.price_cents},
            )
            control.put_event(
                program.program_ref,
                program.event_id,
                account_id=account,
                starts_at=program.starts_at,
                ends_at=program.ends_at,
                opens_at=program.opens_at,
                capacity=listing.capacity,
            )


async def _in_the_database(env: Mapping[str, str], listings: Sequence[Listing]) -> None:
    records = await SupabaseRecords.connect(env["SUPABASE_URL"], env["SUPABASE_SERVICE_ROLE_KEY"])
    try:
        for organisation in ORGANISATIONS:
            await records.save_provider_account(organisation.account)
        for listing in listings:
            await records.save_program(listing.program)
    finally:
        await records.aclose()
