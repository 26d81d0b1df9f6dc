"""What opens soon, as an operator's look ahead reads it."""

from domain.attempts import Marker
from domain.frozen import Frozen, Instant
from domain.registrations import Agreement, Dossier


class NotedProblems(Frozen):
    """What the last look ahead that found anything noted. It may have been repaired since."""

    at: Instant
    codes: tuple[str, ...]


class Opening(Frozen):
    """A registration whose opening comes, with what decides whether it will be booked."""

    agreement: Dossier | Agreement
    """Without its people where they cannot be read here."""
    unread: str | None = None
    """Why they cannot."""
    marker: Marker | None = None
    """The latest that nobody has closed: it is armed, or was."""
    noted: NotedProblems | None = None


class Openings(Frozen):
    """Registrations under way whose openings come within a time."""

    at: Instant
    """When this was so, by the database's clock."""
    openings: tuple[Opening, ...] = ()
    """By opening, then account, then place in the account's queue."""
    more: int = 0
    """How many there are beyond those."""
    drafts: int = 0
    """Drafts of that time that may still be confirmed; nothing is booked for one."""
