"""Where Prometheus reads the SDK's metrics and our own."""

import structlog
from temporalio.runtime import PrometheusConfig, Runtime, TelemetryConfig

from activities.booking_counts import LATENESS, QUEUE_DELAY
from logs.temporal import CORE_LOG
from telemetry_settings import MetricsSettings

log = structlog.stdlib.get_logger(__name__)

LATENESS_BUCKETS_S = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0)
"""The SDK's own buckets begin at 50 ms, where ours have to end."""

QUEUE_BUCKETS_S = (0.0, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0)
"""From none, for the first of each account, to the opening grace."""

WORKERS_OF_A_HOST = 4
"""So many show their figures beside each other, two ports each."""


def metrics_runtime(settings: MetricsSettings, *, above: int) -> Runtime | None:
    """A runtime that shows the SDK's metrics and our own, as Prometheus expects their names.

    Where the port is taken, as by another worker on the same machine, it is the next but one, and
    so on: `metrics_at` in the log says which. None where nothing is to be shown, and also where
    no port is to be had: a worker without figures is better than none.

    Args:
        settings: where.
        above: how many ports above the given one this process shows its own.
    """
    for other in range(WORKERS_OF_A_HOST):
        address = settings.address(above + 2 * other)
        if address is None:
            return None
        metrics = PrometheusConfig(
            bind_address=address,
            counters_total_suffix=True,
            unit_suffix=True,
            durations_as_seconds=True,
            histogram_bucket_overrides={LATENESS: LATENESS_BUCKETS_S, QUEUE_DELAY: QUEUE_BUCKETS_S},
        )
        try:
            runtime = Runtime(telemetry=TelemetryConfig(logging=CORE_LOG, metrics=metrics))
        except ValueError as refused:
            log.warning("metrics_unavailable", address=address, why=str(refused))
            continue
        log.info("metrics_at", address=address)
        return runtime
    return None
