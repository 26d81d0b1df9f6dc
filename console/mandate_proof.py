"""Whether a mandate covered a booking and its fee: each claim, each instant, and the cap."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from pydantic import computed_field

from domain.audit import AuditEvent
from domain.consent import over_cap
from domain.errors import MandateForged, MandateKeyUnknown
from domain.frozen import Frozen, Instant
from domain.mandates import ClaimCheck, compared
from domain.money import Money
from domain.payments import ChargeRecord, ChargeStatus
from domain.registrations import Agreement, Mandate
from domain.states import AuditKind
from gateways import Mandates, Records

_AT_THE_SERVICE = (ChargeStatus.SUCCEEDED, ChargeStatus.REQUIRES_ACTION)


class Deed(Frozen):
    """Something that was done under the mandate, and whether it covered that then."""

    what: str
    at: Instant
    faults: tuple[str, ...] = ()
    """Why it did not, in an operator's words."""

    @computed_field
    @property
    def covered(self) -> bool:
        """It was signed, in force, and within the cap."""
        return not self.faults


class Proof(Frozen):
    """What was found of one registration's mandate: the token's claims, never the token."""

    registration_id: UUID
    code: str
    mandate_id: UUID | None = None
    key_id: str | None = None
    """Of the key that signed it."""
    problem: str | None = None
    """Why there is nothing to compare: no mandate, or no signature of ours."""
    signed_afterwards_at: Instant | None = None
    """When an operator had it signed, where its confirm did not."""
    withdrawn_at: Instant | None = None
    """Since when nothing more may be done under it."""
    claims: tuple[ClaimCheck, ...] = ()
    deeds: tuple[Deed, ...] = ()
    """The booking, and each charge that took money or waits for the parent's approval."""

    @computed_field
    @property
    def holds(self) -> bool:
        """Signed by us, every claim as the rows have it, and all that was done was covered."""
        every_claim = all(claim.holds for claim in self.claims)
        every_deed = all(deed.covered for deed in self.deeds)
        return self.problem is None and every_claim and every_deed


async def prove(records: Records, mandates: Mandates, registration_id: UUID) -> Proof:
    """Look at everything that the registration's mandate speaks of."""
    agreement = await records.agreement(registration_id)
    trail = await records.audit_trail(registration_id)
    charges = await records.charges_of(registration_id)
    row, mandate = agreement.registration, agreement.mandate
    found = Proof(registration_id=row.id, code=row.code)
    if mandate is None:
        problem = "It was never confirmed, so nothing was permitted."
        return found.model_copy(update={"problem": problem})
    afterwards = next((one.at for one in trail if one.kind is AuditKind.MANDATE_SIGNED), None)
    known = {"signed_afterwards_at": afterwards, "withdrawn_at": mandate.revoked_at}
    found = found.model_copy(update={"mandate_id": mandate.id, **known})
    try:
        signed = mandates.read(mandate.token)
    except (MandateForged, MandateKeyUnknown) as unread:
        problem = f"It bears no signature of ours: {unread}."
        return found.model_copy(update={"problem": problem})
    return found.model_copy(
        update={
            "key_id": signed.key_id,
            "claims": compared(signed.claims, mandate, agreement),
            "deeds": tuple(_deeds(agreement, mandate, afterwards, trail, charges)),
        }
    )


def _deeds(
    agreement: Agreement,
    mandate: Mandate,
    afterwards: datetime | None,
    trail: Sequence[AuditEvent],
    charges: Sequence[ChargeRecord],
) -> list[Deed]:
    row = agreement.registration
    found: list[Deed] = []
    booked = next((one for one in trail if one.kind is AuditKind.BOOKED), None)
    if booked is not None:
        # The request came first; the event was written once its answer was known.
        sent = row.first_request_at or booked.at
        faults = _not_in_force(mandate, afterwards, sent, booked.at)
        if mandate.used_at is None:
            faults.append("the mandate does not know of it")
        if row.price_cents is not None:
            price = Money(amount_cents=row.price_cents, currency=row.currency)
            if over_cap(row, price) is not None:
                faults.append("price and fee together are above the cap")
        found.append(Deed(what="booked", at=sent, faults=tuple(faults)))
    for record in charges:
        if record.status not in _AT_THE_SERVICE:
            continue
        charged = record.charge
        faults = _not_in_force(mandate, afterwards, charged.first_sent_at, charged.first_sent_at)
        if mandate.used_at is None or mandate.used_at > charged.first_sent_at:
            faults.append("no booking had been made under the mandate")
        if (charged.registration_id, charged.amount) != (row.id, row.fee):
            faults.append("it is not the fee that was agreed to")
        what = f"charge {charged.number} ({record.status.value})"
        found.append(Deed(what=what, at=charged.first_sent_at, faults=tuple(faults)))
    return found


def _not_in_force(
    mandate: Mandate, afterwards: datetime | None, at: datetime, written_at: datetime
) -> list[str]:
    """Why the mandate did not hold at an instant, which the database wrote down at another.

    The mandate's own first instant is the database's clock, so that one is compared with it.
    """
    faults: list[str] = []
    if written_at < mandate.issued_at:
        faults.append("the mandate was issued later")
    if afterwards is not None and at < afterwards:
        faults.append("the mandate was signed later")
    if at > mandate.valid_until:
        faults.append("the mandate had expired")
    if mandate.revoked_at is not None and at >= mandate.revoked_at:
        faults.append("the mandate had been withdrawn")
    return faults
