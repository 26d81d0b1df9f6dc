"""Every figure of docs/metrics.md, as Prometheus reads it from a worker's two ports."""

import pytest

from tests.samples import samples
from tests.stack.marked_lives import MarkedLives
from tests.stack.world import World

pytestmark = pytest.mark.xdist_group("stack")

Samples = dict[tuple[str, ...], float]
REGISTRATIONS, LANES = 0, 1


@pytest.fixture
def shown(world: World, lives: MarkedLives) -> "Figures":
    """After one registration was booked, one sold out, one cancelled and one fee declined."""
    assert lives.drafts
    return Figures(int(world.env["METRICS_PORT"]))


class Figures:
    """What the parts of one worker show, by the name Prometheus knows it by."""

    def __init__(self, port: int) -> None:
        self._port = port

    def of(self, part: int, name: str) -> Samples:
        return samples(self._port + part, name)


def test_the_lanes_count_each_request_and_how_late_it_left(shown: Figures) -> None:
    sent = shown.of(LANES, "booking_attempts_total")
    booked, sold_out = sent["booked", "bookeo"], sent["bookeo", "sold_out"]
    assert booked >= 2
    assert sold_out >= 1
    measured = shown.of(LANES, "booking_lateness_seconds_count")[()]
    assert measured >= booked + sold_out
    assert shown.of(LANES, "booking_lateness_seconds_bucket")["5",] >= 3
    assert shown.of(LANES, "booking_queue_delay_seconds_count")[()] == measured
    assert shown.of(LANES, "booking_unknown_total") == {("bookeo",): 0}
    assert shown.of(LANES, "bookings_armed_late_total")[()] >= 0
    assert shown.of(LANES, "provider_answers_total")["arm", "bookeo", "ok"] >= 1


def test_the_lanes_show_how_many_are_armed_now(world: World, shown: Figures) -> None:
    world.everything()
    assert shown.of(LANES, "lanes_armed") == {(): 0}


def test_the_registrations_part_counts_what_became_of_each(shown: Figures) -> None:
    ended = shown.of(REGISTRATIONS, "registrations_settled_total")
    assert ended["completed",] >= 2
    assert ended["failed", "sold_out"] >= 1
    assert ended["cancelled",] >= 1
    assert ended["failed", "missed_window"] == 0
    fees = shown.of(REGISTRATIONS, "fee_states_total")
    assert fees["paid",] >= 1
    assert fees["due",] >= 1
    assert shown.of(REGISTRATIONS, "registrations_need_review_total")["send_unanswered",] == 0
    answers = shown.of(REGISTRATIONS, "provider_answers_total")
    assert answers["bookeo", "ok", "slot"] + answers["bookeo", "ok", "product"] >= 1


def test_the_part_with_the_jobs_shows_what_stands_open(world: World, shown: Figures) -> None:
    read_at = shown.of(REGISTRATIONS, "service_figures_time_seconds")[()]
    ((now,),) = world.rows("select extract(epoch from clock_timestamp())::float8")
    assert 0 <= now - read_at <= 60
    live = shown.of(REGISTRATIONS, "registrations_now")
    assert set(live) == {("pending",), ("executing",), ("needs_review",)}
    assert set(shown.of(REGISTRATIONS, "fees_open_now")) == {("due",), ("requires_action",)}
    for name in (
        "alerts_open_now",
        "registrations_opening_soon",
        "registrations_overdue",
        "letters_waiting_now",
    ):
        assert shown.of(REGISTRATIONS, name)[()] >= 0


def test_the_sdk_s_own_metrics_are_beside_them(shown: Figures) -> None:
    for part in (REGISTRATIONS, LANES):
        assert shown.of(part, "temporal_num_pollers")
