"""The letters about a registration: what each is about. Their templates have the words."""

from domain.mail import AboutRegistration, Letter, letter_id
from domain.money import Money
from domain.refunds import FeeKept
from domain.registrations import Dossier, Notification


def compose(notification: Notification, dossier: Dossier, link: str | None = None) -> Letter:
    """The letter for one row of the outbox.

    Args:
        notification: what to tell.
        dossier: as things stand now.
        link: where the parent can act on a fee that is due, or save a card; it goes nowhere but
            into the letter.

    Raises:
        ValueError: there is no guardian to write to.
    """
    guardian = dossier.guardian
    if guardian is None:
        raise ValueError("nobody to write to")
    return Letter(
        message_id=letter_id(
            notification.kind.value, notification.registration_id, notification.period
        ),
        to=guardian.email,
        template=notification.kind.value,
        first_name=guardian.first_name,
        reader=dossier.reader,
        about=_about(notification, dossier, link),
    )


def _about(notification: Notification, dossier: Dossier, link: str | None) -> AboutRegistration:
    row, facts = dossier.registration, notification.facts
    kept = facts.get("kept")
    return AboutRegistration(
        time_zone=row.time_zone,
        program=dossier.program.name,
        organisation=dossier.account.name,
        code=row.code,
        opens=row.scheduled_time,
        begins=dossier.program.starts_at,
        fee=row.fee,
        fee_status=row.fee_status,
        price=(
            Money(amount_cents=row.price_cents, currency=row.currency)
            if row.price_cents is not None
            else None
        ),
        booking_number=row.booking_number,
        receipt_code=row.receipt_code,
        why=facts.get("message") or row.error_message or "",
        told=facts.get("fee"),
        kept=FeeKept(kept).in_words() if kept else None,
        link=link,
    )
