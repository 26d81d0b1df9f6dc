"""What the tools answer where the front door answers a list, or more than a chat should see."""

from datetime import date
from uuid import UUID

from domain.answers import ProgramAnswer, RegistrationAnswer
from domain.audit import AuditEvent, AuditVerdict
from domain.family import Child, Guardian, Profile
from domain.frozen import Frozen, Instant, Private
from domain.money import Cents, Currency
from domain.payments import CardSetup
from domain.registrations import Mandate, Receipt


class ProgramsAnswer(Frozen):
    """Programs, soonest opening first."""

    programs: tuple[ProgramAnswer, ...]


class ProfileAnswer(Private):
    """The parent as the organiser will know them."""

    complete: bool
    """Whether a registration can be confirmed for this parent; if not, use update_profile."""
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None
    birth_date: date | None = None
    has_card: bool
    locale: str
    """How letters tell dates and amounts."""
    time_zone: str | None = None
    """In which letters tell times; where nothing was said, in that of each opening."""

    @classmethod
    def of(cls, profile: Profile) -> "ProfileAnswer":
        """What of the profile is the parent's own."""
        guardian: Guardian | None = profile.guardian
        person = guardian.model_dump() if guardian else {}
        return cls(
            complete=guardian is not None,
            has_card=profile.card is not None,
            **profile.reader.model_dump(),
            **person,
        )


class ChildAnswer(Private):
    """One child."""

    child_id: UUID
    first_name: str
    last_name: str
    birth_date: date

    @classmethod
    def of(cls, child: Child) -> "ChildAnswer":
        """The child as the tools name it."""
        return cls(child_id=child.id, **child.model_dump(exclude={"id"}))


class ChildrenAnswer(Frozen):
    """The children of the account."""

    children: tuple[ChildAnswer, ...]


class CardSetupAnswer(Private):
    """The page on which the parent saves a card."""

    url: str
    """Give this link to the parent. Never ask for card numbers in the chat."""
    expires_at: Instant

    @classmethod
    def of(cls, setup: CardSetup) -> "CardSetupAnswer":
        """The page, without our own reference to it."""
        return cls(url=setup.url, expires_at=setup.expires_at)


class RegistrationsAnswer(Frozen):
    """Registrations, latest first."""

    registrations: tuple[RegistrationAnswer, ...]


class ReceiptsAnswer(Frozen):
    """Receipts, latest first."""

    receipts: tuple[Receipt, ...]


class AuditTrailAnswer(Frozen):
    """Everything that happened to one registration, with a check of the record itself."""

    registration_id: UUID
    verdict: AuditVerdict
    events: tuple[AuditEvent, ...]


class MandateAnswer(Frozen):
    """The parent's permission to book and to charge."""

    registration_id: UUID
    program_ref: str
    event_id: str
    max_total_cents: Cents
    currency: Currency
    issued_at: Instant
    valid_until: Instant
    used_at: Instant | None
    revoked_at: Instant | None

    @classmethod
    def of(cls, mandate: Mandate) -> "MandateAnswer":
        """The permission as its row holds it."""
        return cls.model_validate(mandate.model_dump())
