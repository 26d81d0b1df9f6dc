"""What each cause of a review means, for an operator who has never seen the code."""

from dataclasses import dataclass

from domain.review_causes import ReviewCause


@dataclass(frozen=True)
class Explained:
    """One cause in plain English."""

    happened: str
    """What was done, and why nobody could tell what came of it."""
    expect: str
    """What is most likely true, and what to look at before deciding."""


CAUSES = {
    ReviewCause.EARLIER_ATTEMPT_UNANSWERED: Explained(
        happened="The process that was to send the booking died, or was cut off, around the "
        "moment of sending: nobody knows whether its request left. Whoever took over asked the "
        "organiser's system for a booking under our reference until an hour after the opening, "
        "and never got an answer. Nothing further was sent.",
        expect="Once the look-up is answered it settles the matter: a live booking under our "
        "reference is the one that was sent; no booking means that the request never arrived.",
    ),
    ReviewCause.SEND_UNANSWERED: Explained(
        happened="One booking request was sent and its answer was lost or could not be read. The "
        "look-ups that should have told what became of it were not answered either, or our keys "
        "were refused.",
        expect="It may well have been booked: a server that is too busy to answer has often done "
        "the work. Once the look-up is answered, believe it. Where it names refused keys, repair "
        "the account's key first.",
    ),
    ReviewCause.TWO_SENDS_WITHOUT_TRACE: Explained(
        happened="Two booking requests were sent, one after the other. Neither got a clear answer, "
        "and the organiser's system listed no booking for either within the time we wait, some "
        "20 seconds each. No third one is ever sent, because one of the two may still turn up.",
        expect="Most often nothing was booked. But a system that was overloaded may have booked "
        "one, or both, minutes later: look once more, and not in the first ten minutes.",
    ),
    ReviewCause.TOO_LATE_TO_SEND_AGAIN: Explained(
        happened="One booking request was sent, late, and got no clear answer. No booking was "
        "listed for it within the time we wait. A second request was not sent, because the hour "
        "after the opening in which we book was over.",
        expect="Most often nothing was booked. Look once more, in case it was listed late.",
    ),
    ReviewCause.REFUSED_AFTER_LOST_SEND: Explained(
        happened="A first booking request got no clear answer, and no booking was listed for it. "
        "A second was refused for certain, or could not be sent any more. That is not simply "
        "believed: our own first booking, listed late, may hold the very seat that was missing.",
        expect="A live booking under our reference is the place, whatever the refusal said. "
        "Without one the refusal is true, and is what the parent is told.",
    ),
    ReviewCause.AWAITS_APPROVAL: Explained(
        happened="A booking exists, but only as a request: the organiser accepts bookings of this "
        "program by hand. We refuse such programs when a parent confirms, so this was switched on "
        "since. A request is no place, and is not charged for.",
        expect="The organiser decides: ask them. Accepted, it is booked. Declined, it is not.",
    ),
    ReviewCause.ABOVE_LIMIT_STANDS: Explained(
        happened="A booking was made, and its price with our fee is more than the parent agreed "
        "to. We asked the organiser's system to cancel it without a fee, and it did not.",
        expect="The booking still stands and must not: cancel it at the organiser, without fee and "
        "without notice to the customer, then resolve as not booked. The parent is told why.",
    ),
    ReviewCause.ONLY_CANCELLED: Explained(
        happened="A booking exists under our reference, and it is cancelled. We did not cancel it. "
        "Somebody did, the organiser or the parent, so nothing is booked a second time.",
        expect="Ask the organiser why, where that is not known. Unless they restore it, it is not "
        "booked.",
    ),
    ReviewCause.BOOKING_STEP_FAILED: Explained(
        happened="The step that books ended in an error again and again, until an hour after the "
        "opening. The evidence names the last error. Whether a request was ever sent stands under "
        "“What was sent”.",
        expect="Most often nothing was sent at all. The look-up settles it.",
    ),
    ReviewCause.OUTCOME_NOT_WRITTEN: Explained(
        happened="What came of the booking was known, but the database refused for good to write "
        "it; the evidence names the outcome and the rule. Where the outcome was “completed”, a "
        "booking was made and the fee may have been charged already: see “Charges”.",
        expect="With a live booking, resolve as booked: a charge that was made is not made again. "
        "If that is refused with the same rule, repair what the rule names. The rule "
        "booking_taken means that another registration has the booking's number: one of the two "
        "is wrong, so compare both at the organiser.",
    ),
    ReviewCause.UNSPECIFIED: Explained(
        happened="It was left to a person before causes were written down. The evidence and what "
        "was sent are all that is known.",
        expect="The look-up tells what stands under our reference now.",
    ),
}
