"""People as the database keeps them, and as the domain knows them: sealed and opened here alone."""

from collections.abc import Mapping
from typing import TypeVar
from uuid import UUID

from pydantic import BaseModel, ValidationError

from domain.attempts import Marker
from domain.errors import RecordsUnavailable
from domain.family import Child, Guardian, NewChild, Payer, Profile, Reader
from domain.fields import CHILDREN, GUARDIANS, REGISTRATIONS, FieldPlace
from domain.frozen import Frozen, Instant, Private
from domain.openings import NotedProblems, Opening, Openings
from domain.registrations import Agreement, Dossier, NewDraft, Registration
from gateways.protocols.fields import Fields

_Opened = TypeVar("_Opened", bound=BaseModel)


class KeptGuardian(Private):
    """A guardian's fields as they are kept."""

    first_name: str
    last_name: str
    email: str
    phone: str
    birth_date: str


class KeptChild(Private):
    """A child's fields as they are kept."""

    id: UUID
    first_name: str
    last_name: str
    birth_date: str


class KeptProfile(Payer):
    """A profile as it is kept."""

    guardian: KeptGuardian | None = None


class KeptDossier(Agreement):
    """A dossier as it is kept."""

    guardian: KeptGuardian | None = None
    children: tuple[KeptChild, ...]
    reader: Reader = Reader()


class KeptOpening(Frozen):
    """An opening as it is kept."""

    agreement: KeptDossier
    marker: Marker | None = None
    noted: NotedProblems | None = None


class KeptOpenings(Frozen):
    """What opens soon, as it is kept."""

    at: Instant
    openings: tuple[KeptOpening, ...]
    more: int
    drafts: int


class KeptPeople:
    """Seals what is to be kept, and opens what is, with the keys of this program.

    Raises, in every method: FieldError, where they do not do.
    """

    def __init__(self, fields: Fields) -> None:
        self._fields = fields

    def sealed_guardian(self, user_id: UUID, guardian: Guardian) -> dict[str, str]:
        """The guardian of that user, to be kept."""
        return self._sealed(GUARDIANS, user_id, user_id, guardian.model_dump(mode="json"))

    def sealed_child(self, user_id: UUID, child_id: UUID, child: NewChild) -> dict[str, str]:
        """A child of that user, to be kept under that id."""
        facts = child.model_dump(mode="json", include=set(NewChild.model_fields))
        return {"id": str(child_id), **self._sealed(CHILDREN, child_id, user_id, facts)}

    def sealed_draft(self, draft: NewDraft) -> NewDraft:
        """The draft, its words to be kept."""
        sealed = self._fields.seal(draft.summary, _summary_of(draft))
        # Not validated: a sealed text is longer than the one in it may be.
        return draft.model_copy(update={"summary": sealed})

    def profile(self, kept: KeptProfile) -> Profile:
        """The profile, opened."""
        guardian = self._guardian(kept.user_id, kept.guardian)
        return Profile.model_validate({**_same(kept, Payer), "guardian": guardian})

    def child(self, user_id: UUID, kept: KeptChild) -> Child:
        """The child of that user, opened."""
        facts = kept.model_dump(exclude={"id"})
        return _read(Child, {"id": kept.id, **self._opened(CHILDREN, kept.id, user_id, facts)})

    def dossier(self, kept: KeptDossier) -> Dossier:
        """The dossier, its people opened."""
        user_id = kept.registration.user_id
        return Dossier.model_validate(
            {
                **_same(kept, Agreement),
                "guardian": self._guardian(user_id, kept.guardian),
                "children": tuple(self.child(user_id, child) for child in kept.children),
                "reader": kept.reader,
            }
        )

    def openings(self, kept: KeptOpenings) -> Openings:
        """What opens soon, the people opened as far as they can be. Raises nothing."""
        return Openings(
            at=kept.at,
            openings=tuple(map(self._opening, kept.openings)),
            more=kept.more,
            drafts=kept.drafts,
        )

    def _opening(self, kept: KeptOpening) -> Opening:
        unread = None
        try:
            agreement: Agreement = self.dossier(kept.agreement)
        except RecordsUnavailable as error:
            agreement = Agreement.model_validate(_same(kept.agreement, Agreement))
            unread = str(error)
        return Opening(agreement=agreement, unread=unread, marker=kept.marker, noted=kept.noted)

    def words(self, row: Registration) -> str:
        """The words that the parent of that row agreed to."""
        return self._fields.open(row.summary, _summary_of(row))

    def _guardian(self, user_id: UUID, kept: KeptGuardian | None) -> Guardian | None:
        if kept is None:
            return None
        return _read(Guardian, self._opened(GUARDIANS, user_id, user_id, kept.model_dump()))

    def _sealed(
        self, table: str, row_id: UUID, owner: UUID, facts: Mapping[str, str]
    ) -> dict[str, str]:
        return {
            column: self._fields.seal(text, FieldPlace(table, column, row_id, owner))
            for column, text in facts.items()
        }

    def _opened(
        self, table: str, row_id: UUID, owner: UUID, kept: Mapping[str, str]
    ) -> dict[str, str]:
        return {
            column: self._fields.open(text, FieldPlace(table, column, row_id, owner))
            for column, text in kept.items()
        }


def _summary_of(row: Registration | NewDraft) -> FieldPlace:
    return FieldPlace(REGISTRATIONS, "summary", row.id, row.user_id)


def _same(kept: BaseModel, base: type[BaseModel]) -> dict[str, object]:
    """The values of that base's fields, as they are."""
    return {name: getattr(kept, name) for name in base.model_fields}


def _read(model: type[_Opened], facts: Mapping[str, object]) -> _Opened:
    try:
        return model.model_validate(facts)
    except ValidationError:
        pass
    # Outside of the handler: what it caught names a person's fields.
    raise RecordsUnavailable(f"a {model.__name__.lower()} could not be read")
