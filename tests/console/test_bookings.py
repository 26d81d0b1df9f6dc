from datetime import UTC, datetime, timedelta

import pytest

from tests.console.command_line import Office, idle_temporal, new_office


async def test_bookings_are_paused_and_run_again(office: Office) -> None:
    paused = await office.starter.run("bookings", "pause", "--because", "maintenance at Bookeo")
    shown = await office.starter.json("bookings", "status")
    resumed = await office.starter.run("bookings", "resume")

    assert (paused.exit_code, resumed.exit_code) == (0, 0)
    assert "Bookings are paused." in paused.stdout
    assert "maintenance at Bookeo" in paused.stdout
    assert shown["paused_because"] == "maintenance at Bookeo"
    assert "Bookings run." in resumed.stdout
    assert not (await office.records.service_state()).paused


async def test_what_is_armed_is_asked_back(office: Office) -> None:
    row = await office.family.executing()

    await office.starter.run("bookings", "pause", "--because", "a brake")

    assert office.records.places[row.id].release_asked


@pytest.mark.parametrize("because", ["", "x" * 501])
async def test_a_pause_needs_a_reason(office: Office, because: str) -> None:
    result = await office.starter.run("bookings", "pause", "--because", because)

    assert result.exit_code == 1
    assert "no_reason" in result.stderr
    assert not (await office.records.service_state()).paused


@pytest.mark.parametrize("instant", ["yesterday", "2026-12-01T09:00:00"])
async def test_an_instant_that_is_none_is_wrong_usage(office: Office, instant: str) -> None:
    result = await office.starter.run(
        "bookings", "pause", "--because", "restore", "--restored-from", instant
    )

    assert result.exit_code == 2
    assert "offset" in result.stderr


async def test_after_a_restore_resuming_is_refused_and_the_way_is_named(office: Office) -> None:
    hour_ago = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    marked = await office.starter.run(
        "bookings", "pause", "--because", "restore", "--restored-from", hour_ago
    )
    shown = await office.starter.run("bookings", "status")

    result = await office.starter.run("bookings", "resume")

    assert marked.exit_code == 0
    assert "not yet" in shown.stdout
    assert result.exit_code == 1
    assert "python starter.py restored" in result.stderr


async def test_without_a_restore_there_is_nothing_to_reckon_with() -> None:
    office = await new_office(idle_temporal)

    result = await office.starter.run("restored")

    assert result.exit_code == 1
    assert "not_restored" in result.stderr
    assert "--restored-from" in result.stderr
