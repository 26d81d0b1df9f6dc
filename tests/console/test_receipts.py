from tests.console.command_line import Office
from tests.gateways.households import new_household, paid


async def test_receipts_show_amounts_and_the_zones_time(office: Office) -> None:
    row = await office.family.completed(paid())
    assert row.receipt_code is not None

    shown = (await office.starter.run("receipts")).stdout
    (receipt,) = await office.starter.json("receipts")

    assert row.receipt_code in shown
    assert "$20.00 paid" in shown
    assert " UTC" in shown
    assert " EST" in shown or " EDT" in shown
    assert receipt["receipt_code"] == row.receipt_code
    assert receipt["success_fee_cents"] == 2_000


async def test_receipts_keep_to_the_limit_latest_first(office: Office) -> None:
    await office.family.completed(paid())
    latest = await (await new_household(office.records)).completed(paid())

    (receipt,) = await office.starter.json("receipts", "--limit", 1)

    assert receipt["code"] == latest.code


async def test_no_receipts_are_said_in_words(office: Office) -> None:
    assert (await office.starter.run("receipts")).stdout.strip() == "There are no receipts yet."
