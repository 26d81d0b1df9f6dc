"""The command that lists receipts."""

import typer

from concurrency import of_each
from console.doors import Doors, doors_of
from console.output import NOTHING, AsJson, local, print_json, print_table, say, utc
from console.registrations import Limit
from console.running import run
from domain.money import Money
from domain.registrations import Receipt
from gateways import Records


def receipts(context: typer.Context, limit: Limit = 50, as_json: AsJson = False) -> None:
    """List everybody's receipts, latest first.

    Late is the time from the instant at which the booking was to be sent to
    its first byte.

    Examples:
      python starter.py receipts
      python starter.py receipts --limit 200 --json
    """
    run(_receipts(doors_of(context), limit, as_json))


async def _receipts(doors: Doors, limit: int, as_json: bool) -> None:
    async with doors.records() as records:
        found = await records.all_receipts(limit)
        if as_json:
            print_json(found)
        elif found:
            await _print(records, found)
        else:
            say("There are no receipts yet.")


async def _print(records: Records, found: list[Receipt]) -> None:
    rows = await of_each(
        found, lambda receipt: records.registration(receipt.scheduled_registration_id)
    )
    print_table(
        [
            *("Receipt", "Registration", "Program", "Booking", "Price", "Fee", "Late"),
            *("Issued", "Issued (UTC)"),
        ],
        [
            [
                receipt.receipt_code,
                receipt.code,
                f"{receipt.organisation}: {receipt.program_name}",
                receipt.booking_number,
                _money(receipt.price_cents, receipt.currency),
                f"{_money(receipt.success_fee_cents, receipt.currency)} {receipt.fee_status.value}",
                NOTHING if receipt.lateness_ms is None else f"{receipt.lateness_ms} ms",
                local(receipt.issued_at, row.time_zone),
                utc(receipt.issued_at),
            ]
            for receipt, row in zip(found, rows, strict=True)
        ],
    )


def _money(cents: int | None, currency: str) -> str:
    return NOTHING if cents is None else str(Money(amount_cents=cents, currency=currency))
