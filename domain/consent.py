"""When the parent's permission covers what is about to be done, and what a confirm needs."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from domain.booking import Product, Slot
from domain.family import ADULT_YEARS, age_on
from domain.mandates import SignedClaims, Use, compared
from domain.money import Money
from domain.refusals import Reason
from domain.registrations import Agreement, Dossier, Mandate, Registration
from domain.states import RegistrationStatus
from domain.summary import still_true
from domain.timing import Timing


def mandate_valid_until(scheduled_time: datetime, timing: Timing) -> datetime:
    """Past the whole retry window: the late deadline, then the time a fee may stay due."""
    return scheduled_time + timing.late_deadline + timing.settlement + timedelta(days=1)


def mandate_faults(
    agreement: Agreement, signed: SignedClaims | None, use: Use, now: datetime
) -> list[Reason]:
    """Why the mandate does not cover what is about to be done; empty when it does.

    Every claim is compared with the rows it speaks of, so a mandate for one program, event or
    child never serves another. Checked at confirm, before booking and before charging.

    Args:
        agreement: the registration, with its mandate's row.
        signed: what its token says; None where that bears no signature of ours.
        use: what is about to be done.
        now: when.
    """
    return [*not_genuine(agreement, signed), *_not_in_force(agreement.mandate, use, now)]


def not_genuine(agreement: Agreement, signed: SignedClaims | None) -> list[Reason]:
    """Why the mandate is none that we signed for this registration; empty when it is."""
    if agreement.mandate is None:
        return [_mandate("There is no permission on record for this registration.")]
    if signed is None:
        return [_mandate("The permission on record does not bear our signature.")]
    if all(claim.holds for claim in compared(signed.claims, agreement.mandate, agreement)):
        return []
    return [_mandate("The permission on record is for something else.")]


def _not_in_force(mandate: Mandate | None, use: Use, now: datetime) -> Iterator[Reason]:
    if mandate is None:
        return
    if mandate.revoked_at is not None:
        yield _mandate("You withdrew your permission for this registration.")
    if now > mandate.valid_until:
        yield _mandate("The permission for this registration has expired.")
    if use is Use.BOOKING and mandate.used_at is not None:
        yield _mandate("The permission for this registration has been used: it serves one booking.")
    if use is Use.CHARGING and mandate.used_at is None:
        yield _mandate("No booking was made under the permission for this registration.")


def over_cap(row: Registration, price: Money) -> Reason | None:
    """The reason, when the price and the fee together exceed what the parent agreed to."""
    if price.currency != row.currency:
        return Reason(
            code="over_cap",
            sentence="The organiser asks for another currency than the one you agreed to.",
            field="max_total_cents",
        )
    total = price.plus(row.fee)
    if total.amount_cents <= row.max_total_cents:
        return None
    return Reason(
        code="over_cap",
        sentence=(
            f"The program costs {price} and the success fee is {row.fee}, together {total}: "
            f"more than your limit of {row.cap}. Schedule it again with a higher limit."
        ),
        field="max_total_cents",
    )


def price_at(product: Product, agreement: Agreement) -> Money:
    """What the provider asks for those children: its default rate, or what we know of the program
    where it states none.
    """
    rate = product.price_per_category.get(agreement.program.people_category)
    children = len(agreement.child_ids)
    if rate is None:
        return agreement.program.price_for(children)
    return Money(amount_cents=rate.amount_cents * children, currency=rate.currency)


def product_faults(agreement: Agreement, product: Product) -> Iterator[Reason]:
    """What stands against booking it as the provider offers it now."""
    because = product.blocked_because()
    if because is not None:
        yield Reason(code="provider_blocked", sentence=because)
    too_dear = over_cap(agreement.registration, price_at(product, agreement))
    if too_dear is not None:
        yield too_dear


def too_few_seats(agreement: Agreement, slot: Slot | None) -> Reason | None:
    """The reason, when the provider shows fewer free places than the children need.

    It need not list what has not opened, so a slot that is not there says nothing.
    """
    if slot is None or slot.seats_available >= len(agreement.child_ids):
        return None
    return Reason(
        code="few_seats",
        sentence="The organiser shows fewer free places than you need. We will still try.",
    )


def opens_too_late(opening: datetime, program_starts: datetime) -> Reason | None:
    """The reason, when registration would open only after the program has begun."""
    if opening < program_starts:
        return None
    return Reason(
        code="opens_after_start",
        sentence="That opening lies after the program has begun. Check the year and the day.",
        field="scheduled_time",
    )


def confirm_faults(
    dossier: Dossier,
    summary_digest: str,
    accepted_fee_cents: int,
    now: datetime,
    timing: Timing,
) -> list[Reason]:
    """Everything that stands against confirming this draft, all at once."""
    row = dossier.registration
    if row.status is not RegistrationStatus.DRAFT:
        return [
            Reason(
                code="not_a_draft",
                sentence=f"This registration is {row.status.value}; only a draft is confirmed.",
            )
        ]
    return [
        *_draft_faults(dossier, summary_digest, accepted_fee_cents, now, timing),
        *family_faults(dossier, now),
        *card_faults(dossier),
        *_rival_faults(dossier),
    ]


def _draft_faults(
    dossier: Dossier, digest: str, fee: int, now: datetime, timing: Timing
) -> Iterator[Reason]:
    row = dossier.registration
    if digest != row.summary_digest:
        yield Reason(
            code="digest_mismatch",
            sentence="This is not the summary you were shown. Read it again, then confirm it.",
            field="summary_digest",
        )
    if fee != row.success_fee_cents:
        yield Reason(
            code="fee_mismatch",
            sentence=f"The success fee is {row.fee}. Confirm with exactly that fee.",
            field="accepted_fee_cents",
        )
    if now >= row.lapses_at or now > row.scheduled_time + timing.late_deadline:
        yield Reason(
            code="lapsed", sentence="This draft has lapsed. Schedule the registration again."
        )
    # Without children there are no words to compare; that they are missing is told by itself.
    if dossier.children and not still_true(dossier):
        yield Reason(
            code="program_changed",
            sentence="The organiser's program changed since this summary was written. "
            "Schedule it again and read the new one.",
        )
    begun = opens_too_late(row.scheduled_time, dossier.program.starts_at)
    if begun is not None:
        yield begun
    too_dear = over_cap(row, dossier.program.price_for(len(dossier.child_ids)))
    if too_dear is not None:
        yield too_dear


def family_faults(dossier: Dossier, now: datetime) -> Iterator[Reason]:
    """What is missing about the guardian or the children."""
    guardian = dossier.guardian
    if guardian is None:
        yield Reason(
            code="guardian_incomplete",
            sentence="Your own name, mail address, phone and birth date are needed first.",
            field="profile",
        )
    elif age_on(guardian.birth_date, now.date()) < ADULT_YEARS:
        yield Reason(
            code="guardian_minor",
            sentence="Only an adult can register a child.",
            field="profile",
        )
    if not dossier.children:
        yield Reason(
            code="no_children", sentence="No child is named on this draft.", field="child_ids"
        )


def card_faults(agreement: Agreement) -> Iterator[Reason]:
    """Why the fee could not be charged to the saved card."""
    if agreement.card is None or agreement.stripe_customer_id is None:
        yield Reason(
            code="no_card",
            sentence="No card is saved. Save one first; it is charged only after the booking.",
            field="card",
        )
    elif agreement.card.expired(agreement.registration.scheduled_time.date()):
        yield Reason(
            code="card_expired",
            sentence="The saved card expires before the opening. Save another one.",
            field="card",
        )


def _rival_faults(dossier: Dossier) -> Iterator[Reason]:
    for rival in dossier.rivals:
        yield Reason(
            code="already_registered",
            sentence=f"One of the children is already registered for this event ({rival.code}).",
            field="child_ids",
        )


def _mandate(sentence: str) -> Reason:
    return Reason(code="mandate_invalid", sentence=sentence)
