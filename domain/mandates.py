"""What the signature of a mandate covers, and how it is held against the rows it speaks of."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from pydantic import computed_field

from domain.frozen import Frozen, Instant
from domain.money import Cents, Currency
from domain.registrations import Agreement, Mandate

ISSUER = "signupassist"
AUDIENCE = "signupassist/registrations"
"""Whom a mandate is for: the programs that book and charge, and nobody else."""

MOST_TOKEN = 4_096
"""Characters of a signed mandate."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NOBODY = UUID(int=0)


class Use(StrEnum):
    """What is about to be done under a mandate, which serves one booking and its fee."""

    BOOKING = "booking"
    """Nothing may have been booked under it yet."""
    CHARGING = "charging"
    """Its one booking must have been made."""


class MandateClaims(Frozen):
    """What is signed: ids, an amount and an instant, nothing personal.

    When it was issued is no claim: the database's clock says it, after the signature was made.
    """

    iss: str
    aud: str
    jti: UUID
    """The mandate."""
    sub: UUID
    """The user."""
    registration_id: UUID
    provider: str
    org_ref: str
    program_ref: str
    event_id: str
    child_ids: tuple[UUID, ...]
    """Sorted."""
    max_total_cents: Cents
    """The cap over the program's price and the fee together."""
    success_fee_cents: Cents | None = None
    """The fee that the parent accepted. None in a token of a release that did not sign it."""
    currency: Currency
    exp: int
    """The last second at which it is valid, counted from 1970."""


class SignedClaims(Frozen):
    """What a token says whose signature is ours."""

    claims: MandateClaims
    key_id: str
    """Of the key that signed it."""


class ClaimCheck(Frozen):
    """One claim of a token, held against the mandate's row and the registration's."""

    claim: str
    signed: str
    mandate: str
    """What the mandate's row has in its place."""
    registration: str
    """What the registration's row, or its children, have."""

    @computed_field
    @property
    def holds(self) -> bool:
        """All three say the same."""
        return self.signed == self.mandate == self.registration


class UnsignedMandate(Frozen):
    """A mandate without a token, of a registration that may still be booked or charged."""

    registration_id: UUID
    code: str
    issued_at: Instant
    signable: bool
    """Confirmed while a release that signed none was at work: it may be signed afterwards."""


def claims_for(agreement: Agreement, mandate_id: UUID, valid_until: datetime) -> MandateClaims:
    """What a mandate of that id permits, as the registration's row and its children have it."""
    row = agreement.registration
    return MandateClaims(
        iss=ISSUER,
        aud=AUDIENCE,
        jti=mandate_id,
        sub=row.user_id,
        registration_id=row.id,
        provider=row.provider,
        org_ref=row.org_ref,
        program_ref=row.program_ref,
        event_id=row.event_id,
        child_ids=tuple(sorted(agreement.child_ids)),
        max_total_cents=row.max_total_cents,
        success_fee_cents=row.success_fee_cents,
        currency=row.currency,
        exp=_seconds(valid_until),
    )


def lasting_until(claims: MandateClaims, valid_until: datetime) -> MandateClaims:
    """The same permission, with another end."""
    return claims.model_copy(update={"exp": _seconds(valid_until)})


def compared(
    claims: MandateClaims, mandate: Mandate, agreement: Agreement
) -> tuple[ClaimCheck, ...]:
    """Every claim that is signed, against the mandate's own row and the registration's."""
    signed = _texts(claims)
    by_mandate = _texts(_claims_by(mandate, agreement))
    own = agreement.registration.mandate_id or _NOBODY
    by_registration = _texts(claims_for(agreement, own, mandate.valid_until))
    return tuple(
        ClaimCheck(
            claim=name,
            signed=text,
            mandate=by_mandate[name],
            registration=by_registration[name],
        )
        for name, text in signed.items()
    )


def _claims_by(mandate: Mandate, agreement: Agreement) -> MandateClaims:
    """As the mandate's row has them. Of organiser and fee it knows nothing of its own."""
    return MandateClaims(
        iss=ISSUER,
        aud=AUDIENCE,
        jti=mandate.id,
        sub=mandate.user_id,
        registration_id=mandate.registration_id,
        provider=agreement.registration.provider,
        org_ref=agreement.registration.org_ref,
        program_ref=mandate.program_ref,
        event_id=mandate.event_id,
        child_ids=tuple(sorted(mandate.child_ids)),
        max_total_cents=mandate.max_total_cents,
        success_fee_cents=agreement.registration.success_fee_cents,
        currency=mandate.currency,
        exp=_seconds(mandate.valid_until),
    )


def _texts(claims: MandateClaims) -> dict[str, str]:
    told = claims.model_dump(mode="json", exclude_none=True)
    told["child_ids"] = " ".join(map(str, claims.child_ids))
    return {name: str(value) for name, value in told.items()}


def _seconds(instant: datetime) -> int:
    """Whole seconds since 1970, what is left over dropped: never valid for longer than the row."""
    return (instant - _EPOCH) // timedelta(seconds=1)
