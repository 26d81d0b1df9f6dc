"""Which decision fits a case, and exactly what to type for it."""

from dataclasses import dataclass

from console.review_look import ReviewLook
from domain.consent import over_cap
from domain.opening import in_words
from domain.review import ShownBooking

WITHOUT_FEE = "open it, leave the boxes under “Send email” empty, press “Delete”, and charge no fee"


@dataclass(frozen=True)
class Choice:
    """One thing to type, and when."""

    when: str
    command: str


@dataclass(frozen=True)
class Advice:
    """What to do about a case."""

    finding: str
    """What the look-up comes to."""
    check: tuple[str, ...]
    """What to look at in the organiser's back office, in order."""
    choices: tuple[Choice, ...]


def advice(look: ReviewLook) -> Advice:
    """By what the provider shows now; `resolve` asks it once more before it writes anything."""
    check = (*_where(look), *_fee(look))
    if look.bookings is None:
        return Advice(f"{look.silence} Nothing can be decided without it.", check, (_again(look),))
    match look.live:
        case ():
            return _none(look, check)
        case (booking,):
            return _one(look, booking, check)
        case several:
            numbers = ", ".join(booking.booking_number for booking in several)
            return Advice(
                f"Several bookings stand under our reference: {numbers}. One place is wanted.",
                (*check, f"Cancel all but one of them: {WITHOUT_FEE}."),
                (_booked(look, "NUMBER", "One is left, and NUMBER is its number:"),),
            )


def _none(look: ReviewLook, check: tuple[str, ...]) -> Advice:
    finding = (
        "Only cancelled bookings stand under our reference: as far as we see, there is no place."
        if look.bookings
        else "No booking stands under our reference: as far as we see, there is no place."
    )
    by_hand = (
        "See whether this family has a place at the event all the same, such as one made by "
        "phone: it would not carry our reference."
    )
    elsewhere = _booked(look, "NUMBER", "There is one, and you are sure that it is this family's:")
    return Advice(
        finding,
        (*check, by_hand),
        (
            _not_booked(look, "There is none:"),
            Choice(elsewhere.when, f"{elsewhere.command} --another-reference"),
        ),
    )


def _one(look: ReviewLook, booking: ShownBooking, check: tuple[str, ...]) -> Advice:
    number = booking.booking_number
    if not booking.accepted:
        return Advice(
            f"Booking {number} is a request that the organiser has yet to accept.",
            (*check, "Requests wait on Bookeo's home page. Ask the organiser to decide this one."),
            (
                _booked(look, number, "They accepted it:"),
                _not_booked(look, "They declined it, or cancelled it:"),
            ),
        )
    if booking.price is not None and over_cap(look.row, booking.price) is not None:
        return Advice(
            f"Booking {number} costs {booking.price}, with the fee of {look.row.fee} more than "
            f"the parent's limit of {look.row.cap}. It may not stand.",
            (*check, f"Cancel it: {WITHOUT_FEE}."),
            (_not_booked(look, "It is cancelled:"),),
        )
    return Advice(
        f"Booking {number} stands under our reference, accepted and within the parent's limit: "
        "the place is booked.",
        check,
        (_booked(look, number, "You see it at the organiser too:"),),
    )


def _where(look: ReviewLook) -> tuple[str, ...]:
    program, row = look.agreement.program, look.row
    calendar = (
        f"Sign in to Bookeo as {look.agreement.account.name}. In the Calendar, go to "
        f"{in_words(program.starts_at, program.time_zone)} and open {program.name}: its Bookings "
        "tab lists who has a place."
    )
    search = (
        "A booking can also be searched for by its number, or by the customer's name: "
        f"python starter.py review show {row.code} --names"
    )
    return calendar, search


def _fee(look: ReviewLook) -> tuple[str, ...]:
    if not look.charges_sent:
        return ()
    payment = (
        "A fee was sent to Stripe already. Search there for the payment whose metadata has "
        f"registration_id {look.row.id}. If the place is booked, leave it: it is not charged "
        "twice. If not, and it succeeded, refund it before you type the command."
    )
    return (payment,)


def _booked(look: ReviewLook, number: str, when: str) -> Choice:
    return Choice(when, f"{_resolve(look)} --booked {number} --by YOU")


def _not_booked(look: ReviewLook, when: str) -> Choice:
    returned = " --fee-returned" if look.charges_sent else ""
    return Choice(when, f"{_resolve(look)} --not-booked --by YOU{returned}")


def _again(look: ReviewLook) -> Choice:
    return Choice("In a few minutes:", f"python starter.py review show {look.row.code}")


def _resolve(look: ReviewLook) -> str:
    return f"python starter.py review resolve {look.row.code}"
