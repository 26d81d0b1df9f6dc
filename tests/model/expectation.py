"""What a parent may expect, by the rules as they are told: a model without any machinery."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto
from uuid import UUID

from domain.refunds import RefundReason
from domain.states import LIVE_STATUSES, FeeStatus, RegistrationStatus
from gateways.fakes.payments import CardBehaviour

LATE_DEADLINE = timedelta(hours=1)

UNPAID = (FeeStatus.DUE, FeeStatus.REQUIRES_ACTION)

CHARGED = {
    CardBehaviour.PAYS: FeeStatus.PAID,
    CardBehaviour.DECLINES: FeeStatus.DUE,
    CardBehaviour.ASKS_FOR_APPROVAL: FeeStatus.REQUIRES_ACTION,
}

Codes = set[str]
"""Why a command is refused; empty where it is done."""


class Fault(Enum):
    """What becomes of the next booking request at the organiser."""

    NOT_MADE = auto()
    """No answer, and no booking."""
    ANSWER_LOST = auto()
    """No answer, but a booking where there was a place."""
    BOTH_LOST = auto()
    """Neither the request nor the one that follows it is made or answered."""


@dataclass
class Expected:
    """One registration."""

    id: UUID
    event: str
    children: tuple[UUID, ...]
    opens: datetime
    lapses: datetime
    status: RegistrationStatus = RegistrationStatus.DRAFT
    fee: FeeStatus = FeeStatus.NOT_DUE
    confirmed: bool = False
    revoked: bool = False
    booked: bool = False
    """Whether it ever was: then it has a receipt, whatever became of the place."""
    charged_to: int = 0
    """The card of its last charge, by number."""
    approved: bool = False
    """The parent said yes on the bank's page; nobody has looked since."""
    refunded_for: RefundReason | None = None

    @property
    def already(self) -> str:
        """The code that refuses what comes too late for it."""
        return f"already_{self.status.value}"


@dataclass
class Expectation:
    """One family's registrations, the organiser's free places and the saved card."""

    places: dict[str, int]
    registrations: dict[UUID, Expected] = field(default_factory=dict[UUID, Expected])
    card: CardBehaviour = CardBehaviour.PAYS
    card_number: int = 1
    fault: Fault | None = None

    def confirm(self, one: Expected, now: datetime) -> Codes:
        """With the right words and fee."""
        if one.status is not RegistrationStatus.DRAFT:
            return set() if one.confirmed else {"not_a_draft"}
        codes: Codes = set()
        if now >= one.lapses or now > one.opens + LATE_DEADLINE:
            codes.add("lapsed")
        if any(self._rivals(one, other) for other in self.registrations.values()):
            codes.add("already_registered")
        if not codes:
            one.status, one.confirmed = RegistrationStatus.PENDING, True
        return codes

    def confirm_wrongly(self, one: Expected, now: datetime) -> Codes:
        """With other words and another fee than were shown: never done, and told in full."""
        if one.status is not RegistrationStatus.DRAFT:
            return {"not_a_draft"}
        codes = self.confirm(one, now)
        one.status, one.confirmed = RegistrationStatus.DRAFT, False
        return codes | {"digest_mismatch", "fee_mismatch"}

    def reschedule(self, one: Expected, to: datetime) -> Codes:
        """To a later opening."""
        if one.status is RegistrationStatus.DRAFT:
            return {"still_a_draft"}
        if one.status is not RegistrationStatus.PENDING:
            return {one.already}
        one.opens = to
        return set()

    def cancel(self, one: Expected) -> Codes:
        """By the parent: before the opening, or what is booked."""
        match one.status:
            case RegistrationStatus.CANCELLED:
                return set()
            case RegistrationStatus.DRAFT | RegistrationStatus.PENDING:
                one.status = RegistrationStatus.CANCELLED
                return set()
            case RegistrationStatus.COMPLETED:
                self._give_back(one, RefundReason.CANCELLATION_ACCEPTED)
                return set()
            case _:
                return {one.already}

    def taken_back(self, one: Expected) -> None:
        """The organiser cancels what is booked, and we hear of it."""
        self._give_back(one, RefundReason.PROVIDER_CANCELLED)

    def revoke(self, one: Expected) -> Codes:
        """Withdraw the permission."""
        if not one.confirmed:
            return {"no_mandate"}
        if one.status is not RegistrationStatus.PENDING and not one.revoked:
            return {"too_late"}
        one.revoked = True
        return set()

    def retry_fee(self, one: Expected) -> Codes:
        """Charge again what is due."""
        match one.status:
            case RegistrationStatus.DRAFT:
                return {"still_a_draft"}
            case RegistrationStatus.PENDING | RegistrationStatus.NEEDS_REVIEW:
                return {"no_fee_due"}
            case RegistrationStatus.COMPLETED if one.fee in UNPAID:
                self._charge_again(one)
                return {"fee_still_due"} if one.fee is FeeStatus.DUE else set()
            case _:
                return {one.already}

    def look_at_fees(self) -> None:
        """Somebody asks the bank what became of the payments that wait."""
        for one in self.registrations.values():
            if one.approved:
                one.fee, one.approved = FeeStatus.PAID, False

    def resolve_as_not_booked(self, one: Expected) -> None:
        """An operator has looked, and there is none."""
        one.status = RegistrationStatus.FAILED

    def open(self, one: Expected) -> None:
        """Its opening comes: it is booked, or it is not."""
        if one.revoked:
            one.status = RegistrationStatus.FAILED
            return
        fault, self.fault = self.fault, None
        if fault is Fault.BOTH_LOST:
            one.status = RegistrationStatus.NEEDS_REVIEW
        elif self.places[one.event] >= len(one.children):
            self.places[one.event] -= len(one.children)
            one.status, one.booked = RegistrationStatus.COMPLETED, True
            self._charge(one)
        elif fault is Fault.NOT_MADE:
            # Sold out after a send without a trace: our own ghost may hold the place.
            one.status = RegistrationStatus.NEEDS_REVIEW
        else:
            one.status = RegistrationStatus.FAILED

    def due_by(self, now: datetime) -> list[Expected]:
        """Those whose opening comes until then, the earliest first."""
        waiting = RegistrationStatus.PENDING
        due = [
            one for one in self.registrations.values() if one.status is waiting and one.opens <= now
        ]
        return sorted(due, key=lambda one: one.opens)

    def _charge(self, one: Expected) -> None:
        one.fee, one.charged_to = CHARGED[self.card], self.card_number

    def _charge_again(self, one: Expected) -> None:
        if one.approved:
            one.fee, one.approved = FeeStatus.PAID, False
        elif one.fee is FeeStatus.DUE or one.charged_to != self.card_number:
            self._charge(one)

    def _give_back(self, one: Expected, because: RefundReason) -> None:
        self.places[one.event] += len(one.children)
        paid = one.fee is FeeStatus.PAID or one.approved
        one.status = RegistrationStatus.CANCELLED
        one.fee, one.approved = (FeeStatus.REFUNDED if paid else FeeStatus.NOT_DUE), False
        one.refunded_for = because if paid else None

    @staticmethod
    def _rivals(one: Expected, other: Expected) -> bool:
        return (
            other is not one
            and other.status in LIVE_STATUSES
            and other.event == one.event
            and bool(set(other.children) & set(one.children))
        )
