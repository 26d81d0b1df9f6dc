from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address
from uuid import uuid4

import pytest
from temporalio.common import MetricMeter
from temporalio.runtime import Runtime

from activities.booking_counts import BookingCounts
from activities.counted_providers import CountedProviders
from activities.outcome_counts import OutcomeCounts
from activities.service_figures import FiguresGauges
from domain.contracts import Standing
from domain.errors import Unavailable
from domain.figures import ServiceFigures
from domain.review_causes import ReviewCause
from domain.states import FailureCode, FeeStatus, RegistrationStatus
from gateways.fakes.booking import FakeBookingProvider
from gateways.fakes.booking_accounts import FakeBookingProviders
from sandbox.ports import CHOICE, is_free
from sandbox.probe import fetch
from telemetry.metrics import WORKERS_OF_A_HOST, metrics_runtime
from telemetry_settings import MetricsSettings
from tests.samples import samples

T = datetime(2027, 3, 1, 14, tzinfo=UTC)
MS = timedelta(milliseconds=1)


@pytest.fixture
def settings() -> MetricsSettings:
    """A port after which enough are free for every worker of a host."""
    span = range(2 * WORKERS_OF_A_HOST)
    port = next(
        port
        for port in reversed(CHOICE)
        if port < CHOICE[-9] and all(is_free(port + n) for n in span)
    )
    return MetricsSettings(metrics_port=port)


@pytest.fixture
def runtime(settings: MetricsSettings) -> Runtime:
    """It shows its figures for as long as somebody holds it."""
    runtime = metrics_runtime(settings, above=0)
    assert runtime is not None
    return runtime


@pytest.fixture
def meter(runtime: Runtime) -> MetricMeter:
    return runtime.metric_meter


@pytest.fixture
def shown(settings: MetricsSettings) -> "Shown":
    assert settings.metrics_port is not None
    return Shown(settings.metrics_port)


@dataclass(frozen=True)
class Shown:
    """What Prometheus finds."""

    port: int

    def of(self, name: str) -> dict[tuple[str, ...], float]:
        """Its values by the words of ours in their labels."""
        return samples(self.port, name)

    def counted(self, name: str) -> dict[tuple[str, ...], float]:
        """The same without those that show a zero from the start."""
        return {words: value for words, value in self.of(name).items() if value}


def test_lateness_is_shown_by_the_millisecond(shown: Shown, meter: MetricMeter) -> None:
    BookingCounts(meter).first_send(T + 4 * MS, T, T - 300 * MS)
    late = shown.of("booking_lateness_seconds_bucket")
    assert [late[bound,] for bound in ("0.001", "0.002", "0.005", "+Inf")] == [0, 0, 1, 1]
    waited = shown.of("booking_queue_delay_seconds_bucket")
    assert [waited[bound,] for bound in ("0", "0.2", "0.5", "+Inf")] == [0, 0, 1, 1]


def test_what_left_before_its_time_by_a_rounding_counts_as_punctual(
    shown: Shown, meter: MetricMeter
) -> None:
    BookingCounts(meter).first_send(T - MS, T, T)
    assert shown.of("booking_lateness_seconds_sum") == {(): 0}


def test_each_request_is_counted_by_its_answer_and_the_unknown_ones_once_more(
    shown: Shown, meter: MetricMeter
) -> None:
    answers = Counter({"NotOpenYet": 3, "UnknownOutcome": 1, "Booked": 1, "LaneLost": 1})
    BookingCounts(meter).sends("bookeo", answers)
    assert shown.of("booking_attempts_total") == {
        ("booked", "bookeo"): 1,
        ("bookeo", "not_open_yet"): 3,
        ("bookeo", "unavailable"): 1,
        ("bookeo", "unknown"): 1,
    }
    assert shown.of("booking_unknown_total") == {("bookeo",): 1}


async def test_the_provider_s_other_answers_are_counted_by_what_was_asked(
    shown: Shown, meter: MetricMeter
) -> None:
    provider = FakeBookingProvider()
    providers = CountedProviders("bookeo", FakeBookingProviders({"pool": provider}), meter)
    account = providers.account("pool")
    assert providers.account("pool") is account
    await account.access()
    provider.script.fail_next("access", Unavailable("not now"))
    with pytest.raises(Unavailable):
        await account.access()
    assert shown.of("provider_answers_total") == {
        ("access", "bookeo", "ok"): 1,
        ("Unavailable", "access", "bookeo"): 1,
    }


def test_ends_fees_and_reviews_are_counted_as_they_are_written_down(
    shown: Shown, meter: MetricMeter
) -> None:
    counts = OutcomeCounts(meter)
    counts.end(_standing(RegistrationStatus.COMPLETED))
    counts.end(_standing(RegistrationStatus.FAILED), FailureCode.SOLD_OUT)
    counts.end(_standing(RegistrationStatus.NEEDS_REVIEW))
    counts.review(ReviewCause.SEND_UNANSWERED)
    counts.fee(FeeStatus.PAID)
    assert shown.counted("registrations_settled_total") == {
        ("completed",): 1,
        ("failed", "sold_out"): 1,
    }
    assert shown.counted("registrations_need_review_total") == {("send_unanswered",): 1}
    assert shown.counted("fee_states_total") == {("paid",): 1}


def test_what_an_alert_waits_for_shows_a_zero_from_the_start(
    shown: Shown, meter: MetricMeter
) -> None:
    BookingCounts(meter)
    OutcomeCounts(meter)
    assert shown.of("booking_unknown_total") == {("bookeo",): 0}
    assert shown.of("bookings_armed_late_total") == {(): 0}
    assert shown.of("lanes_armed") == {(): 0}
    causes = {(cause.value,): 0.0 for cause in ReviewCause}
    assert shown.of("registrations_need_review_total") == causes
    assert shown.of("registrations_settled_total")["failed", "missed_window"] == 0


def test_the_database_s_figures_show_a_zero_for_what_there_is_none_of(
    shown: Shown, meter: MetricMeter
) -> None:
    figures = ServiceFigures(
        at=T,
        registrations={RegistrationStatus.PENDING: 7},
        fees_open={FeeStatus.DUE: 2},
        opening_soon=3,
        overdue=1,
        alerts_open=4,
        letters_waiting=5,
    )
    FiguresGauges(meter).show(figures)
    assert shown.of("registrations_now") == {
        ("pending",): 7,
        ("executing",): 0,
        ("needs_review",): 0,
    }
    assert shown.of("fees_open_now") == {("due",): 2, ("requires_action",): 0}
    assert shown.of("registrations_opening_soon") == {(): 3}
    assert shown.of("registrations_overdue") == {(): 1}
    assert shown.of("alerts_open_now") == {(): 4}
    assert shown.of("letters_waiting_now") == {(): 5}
    assert shown.of("service_figures_time_seconds") == {(): T.timestamp()}


def test_workers_of_one_machine_show_theirs_beside_each_other(settings: MetricsSettings) -> None:
    runtimes = [metrics_runtime(settings, above=0) for _ in range(WORKERS_OF_A_HOST)]
    assert all(runtimes)
    assert settings.metrics_port is not None
    for other in range(WORKERS_OF_A_HOST):
        assert fetch(settings.metrics_port + 2 * other, "/metrics")[0] == 200
        assert is_free(settings.metrics_port + 2 * other + 1)


def test_one_worker_too_many_costs_its_figures_and_not_the_worker(
    settings: MetricsSettings,
) -> None:
    runtimes = [metrics_runtime(settings, above=0) for _ in range(WORKERS_OF_A_HOST + 1)]
    assert runtimes[-1] is None
    assert all(runtimes[:-1])


def test_without_a_port_nothing_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("METRICS_PORT", raising=False)
    assert metrics_runtime(MetricsSettings.load(), above=0) is None


def test_the_lanes_show_theirs_one_port_above() -> None:
    here = MetricsSettings(metrics_port=9464, metrics_host=IPv4Address("127.0.0.1"))
    anywhere = MetricsSettings(metrics_port=9464, metrics_host=IPv6Address("::"))
    assert (here.address(0), here.address(1)) == ("127.0.0.1:9464", "127.0.0.1:9465")
    assert anywhere.address(1) == "[::]:9465"


def _standing(status: RegistrationStatus) -> Standing:
    return Standing(
        status=status,
        fee_status=FeeStatus.NOT_DUE,
        version=3,
        scheduled_time=T,
        audit_head=uuid4().hex,
    )
