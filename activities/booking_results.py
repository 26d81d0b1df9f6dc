"""What `book` answers, in the parent's words."""

from domain.contracts import BookingEnd, BookingResult
from domain.errors import ProviderError, Rejected, SoldOut
from domain.refusals import Reason
from domain.review_causes import ReviewCause
from domain.states import FailureCode

REFUSED_ACCESS = "The organiser's system refuses our access, so nothing was booked."
NO_GUARDIAN = "Your own name and contact details are missing, so nothing was booked."


def refused(
    fence: int, code: FailureCode, message: str, evidence: str | None = None
) -> BookingResult:
    """Definitely not booked."""
    return BookingResult(
        end=BookingEnd.REFUSED,
        fence=fence,
        failure_code=code,
        message=message,
        evidence=evidence,
    )


def refused_by(fence: int, refusal: ProviderError) -> BookingResult:
    """The provider's definite refusal."""
    match refusal:
        case SoldOut():
            return refused(
                fence, FailureCode.SOLD_OUT, "All places were gone when our request arrived."
            )
        case Rejected():
            return refused(
                fence,
                FailureCode.REJECTED,
                "The organiser's system refused the booking.",
                f"refused as {refusal.kind}",
            )
        case _:
            return refused(fence, FailureCode.UNAUTHORISED, REFUSED_ACCESS)


def not_opened(fence: int) -> BookingResult:
    """The window stayed shut for the whole grace."""
    return refused(
        fence,
        FailureCode.NOT_OPENED,
        "Registration did not open in time. Nothing was booked.",
    )


def missed(fence: int) -> BookingResult:
    """Too late to send anything."""
    return refused(
        fence,
        FailureCode.MISSED_WINDOW,
        "The booking could not be sent within an hour of the opening. Nothing was booked.",
    )


def unknown(
    fence: int, cause: ReviewCause, evidence: str, refused_as: FailureCode | None = None
) -> BookingResult:
    """Nobody can tell: a person must look at the evidence."""
    return BookingResult(
        end=BookingEnd.UNKNOWN,
        fence=fence,
        message="The organiser's system did not answer clearly; a person is looking at it.",
        evidence=evidence,
        cause=cause,
        refused_as=refused_as,
    )


def over_the_cap(fence: int, too_dear: Reason) -> BookingResult:
    """Booked, found dearer than agreed, and cancelled again."""
    sentence = f"{too_dear.sentence} The booking was cancelled again."
    return refused(fence, FailureCode.OVER_CAP, sentence)
