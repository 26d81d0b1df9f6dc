"""Signing what was permitted before permissions were signed."""

from collections.abc import Sequence
from uuid import UUID

from domain.audit import AuditEvent, verify_chain
from domain.errors import Conflict, RecordRejected
from domain.frozen import Frozen
from domain.identifiers import operation_key
from domain.mandates import UnsignedMandate, claims_for, compared
from domain.registrations import Agreement, Mandate, Registration
from domain.states import AuditKind
from gateways import Mandates, Records


class Refusal(Frozen):
    """A mandate that stays unsigned."""

    registration_id: UUID
    code: str
    because: str


class Signing(Frozen):
    """What became of the unsigned mandates."""

    signed: tuple[str, ...]
    """By the codes of their registrations."""
    refused: tuple[Refusal, ...]
    dry_run: bool


async def signed_afterwards(
    records: Records, mandates: Mandates, by: str, limit: int, *, dry_run: bool
) -> Signing:
    """Sign each that may be, one after the other; may be repeated.

    Raises:
        OutsideError: the database did not answer; what was signed stays signed.
    """
    signed: list[str] = []
    refused: list[Refusal] = []
    for unsigned in await records.unsigned_mandates(limit):
        because = await _signed(records, mandates, unsigned, by, dry_run=dry_run)
        if because is None:
            signed.append(unsigned.code)
        else:
            refused.append(
                Refusal(
                    registration_id=unsigned.registration_id, code=unsigned.code, because=because
                )
            )
    return Signing(signed=tuple(signed), refused=tuple(refused), dry_run=dry_run)


async def _signed(
    records: Records, mandates: Mandates, unsigned: UnsignedMandate, by: str, *, dry_run: bool
) -> str | None:
    """None once it is signed, or why it is not."""
    agreement = await records.agreement(unsigned.registration_id)
    trail = await records.audit_trail(unsigned.registration_id)
    because = _against(unsigned, agreement, trail)
    mandate = agreement.mandate
    if because is not None or mandate is None or dry_run:
        return because
    row = agreement.registration
    token = mandates.sign(claims_for(agreement, mandate.id, mandate.valid_until))
    # A move that cleared the signature raised the version, so that it may be signed again.
    key = operation_key(row.id, "sign-mandate", row.version)
    try:
        await records.sign_mandate(row.id, token, by, key)
    except (Conflict, RecordRejected) as refusal:
        return str(refusal).rstrip(".")
    return None


def _against(
    unsigned: UnsignedMandate, agreement: Agreement, trail: Sequence[AuditEvent]
) -> str | None:
    """What stands against putting our signature under it."""
    row, mandate = agreement.registration, agreement.mandate
    if mandate is None or mandate.token is not None:
        return "it changed meanwhile; repeat the command"
    if not unsigned.signable:
        return "it was confirmed since permissions are signed"
    would_say = claims_for(agreement, mandate.id, mandate.valid_until)
    if not all(check.holds for check in compared(would_say, mandate, agreement)):
        return "its permission and its registration do not say the same"
    if not verify_chain(trail, row.audit_head).holds:
        return "its audit trail is broken"
    if not any(_confirms(event, mandate, row) for event in trail):
        return "its audit trail does not know this permission"
    return None


def _confirms(event: AuditEvent, mandate: Mandate, row: Registration) -> bool:
    """The event is the confirm that gave this permission, on these terms."""
    terms = {
        "mandate_id": str(mandate.id),
        "max_total_cents": mandate.max_total_cents,
        "success_fee_cents": row.success_fee_cents,
        "currency": mandate.currency,
    }
    return event.kind is AuditKind.CONFIRMED and terms.items() <= event.detail.items()
