from datetime import timedelta
from ipaddress import IPv4Address, IPv6Address

import pytest

from connection import LATENESS, metrics_runtime
from sandbox.ports import CHOICE, is_free
from sandbox.probe import fetch
from settings import MetricsSettings


@pytest.fixture
def settings() -> MetricsSettings:
    """A port whose next one is free too."""
    port = next(port for port in reversed(CHOICE) if is_free(port) and is_free(port + 1))
    return MetricsSettings(metrics_port=port)


def test_lateness_is_shown_by_the_millisecond_beside_the_sdk_s_own_metrics(
    settings: MetricsSettings,
) -> None:
    runtime = metrics_runtime(settings, above=1)
    assert runtime is not None
    late = runtime.metric_meter.create_histogram_timedelta(LATENESS, unit="duration")
    late.record(timedelta(milliseconds=4))
    assert settings.metrics_port is not None
    shown = fetch(settings.metrics_port + 1, "/metrics")[1].decode()
    buckets = [line for line in shown.splitlines() if "booking_lateness_seconds_bucket" in line]
    assert [line.endswith(" 1") for line in buckets] == [False] * 2 + [True] * 10
    assert 'le="0.005"' in buckets[2]


def test_a_taken_port_costs_the_figures_and_not_the_worker(settings: MetricsSettings) -> None:
    first = metrics_runtime(settings, above=0)
    assert first is not None
    assert metrics_runtime(settings, above=0) is None


def test_without_a_port_nothing_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("METRICS_PORT", raising=False)
    assert metrics_runtime(MetricsSettings.load(), above=0) is None


def test_the_lanes_show_theirs_one_port_above() -> None:
    here = MetricsSettings(metrics_port=9464, metrics_host=IPv4Address("127.0.0.1"))
    anywhere = MetricsSettings(metrics_port=9464, metrics_host=IPv6Address("::"))
    assert (here.address(0), here.address(1)) == ("127.0.0.1:9464", "127.0.0.1:9465")
    assert anywhere.address(1) == "[::]:9465"
