from domain.alerts import AlertKind
from domain.findings import new_alert
from tests.console.command_line import Office

SENTENCE = "Two bookings stand. Cancel one at the organiser."


async def test_open_alerts_are_listed_until_they_are_settled(office: Office) -> None:
    row = await office.family.pending()
    alert = new_alert(AlertKind.SEVERAL_BOOKINGS, row.id, SENTENCE)
    for _ in range(2):
        await office.records.raise_alert(alert)

    shown = (await office.starter.run("alerts", "list")).stdout
    (listed,) = await office.starter.json("alerts", "list")
    settled = await office.starter.run("alerts", "settle", alert.key)

    assert alert.key in shown
    assert SENTENCE in shown
    assert " UTC" in shown
    assert (listed["kind"], listed["times"]) == ("several_bookings", 2)
    assert (settled.exit_code, settled.stdout.strip()) == (0, f"Settled: {SENTENCE}")
    assert "no open alerts" in (await office.starter.run("alerts", "list")).stdout
    assert await office.starter.json("alerts", "list") == []


async def test_settling_what_is_not_open_is_said_and_fails(office: Office) -> None:
    unknown = await office.starter.run("alerts", "settle", "ghost_booking/none")

    assert unknown.exit_code == 1
    assert "No alert is open under ghost_booking/none" in unknown.output


async def test_a_list_that_is_cut_short_says_so(office: Office) -> None:
    rows = await office.family.queue(2)
    for row in rows:
        await office.records.raise_alert(new_alert(AlertKind.RUN_MISSING, row.id, SENTENCE))

    cut = (await office.starter.run("alerts", "list", "--limit", "1")).stdout
    whole = (await office.starter.run("alerts", "list", "--limit", "2")).stdout

    assert f"run_missing/{rows[1].id}" in cut
    assert "More are open, older than these 1" in cut
    assert "More are open" not in whole
