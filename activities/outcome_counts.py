"""What became of registrations, counted as it is written down: see docs/metrics.md."""

from temporalio.common import MetricMeter

from domain.contracts import Standing
from domain.review_causes import ReviewCause
from domain.states import FailureCode, FeeStatus, RegistrationStatus

ENDS = (RegistrationStatus.COMPLETED, RegistrationStatus.FAILED, RegistrationStatus.CANCELLED)


class OutcomeCounts:
    """Ends, reviews and fees.

    Each shows a zero from the start, so that the first one is seen to be one more than before. A
    step that is repeated because its answer was lost counts again.
    """

    def __init__(self, meter: MetricMeter) -> None:
        self._ends = meter.create_counter(
            "registrations_settled", "Registrations that ended, by how."
        )
        self._reviews = meter.create_counter(
            "registrations_need_review", "Registrations that a person has to decide."
        )
        self._fees = meter.create_counter("fee_states", "Fees, by the state they came to.")
        for status in ENDS:
            failed = status is RegistrationStatus.FAILED
            for code in FailureCode if failed else ("",):
                self._ends.add(0, {"status": status.value, "failure_code": code})
        for cause in ReviewCause:
            self._reviews.add(0, {"cause": cause.value})
        for fee_status in FeeStatus:
            self._fees.add(0, {"fee_status": fee_status.value})

    def end(self, standing: Standing, failure_code: FailureCode | None = None) -> None:
        """It came to its end, if that is one."""
        if standing.status in ENDS:
            labels = {"status": standing.status.value, "failure_code": failure_code or ""}
            self._ends.add(1, labels)

    def review(self, cause: ReviewCause | None) -> None:
        """It waits for a person."""
        self._reviews.add(1, {"cause": (cause or ReviewCause.UNSPECIFIED).value})

    def fee(self, fee_status: FeeStatus) -> None:
        """Its fee came to stand so."""
        self._fees.add(1, {"fee_status": fee_status.value})


UNCOUNTED = OutcomeCounts(MetricMeter.noop)
"""Where nobody looks at figures."""
