"""How backups lie in the target: a folder each, `SCHEDULE/DUE-ATTEMPT`, and the files in it."""

import re
from datetime import UTC, datetime
from typing import NamedTuple

from domain.backup_errors import BackupMissing

MANIFEST = "manifest.jsonl"
"""Written last: without it there is no backup."""

VERIFIED = "verified"
"""Says that the backup was whole when it was last read back."""

_INSTANT = "%Y%m%dT%H%M%SZ"
_SCHEDULE = re.compile(r"[a-z][a-z0-9-]{0,39}")
_FOLDER = re.compile(r"(?P<due>\d{8}T\d{6}Z)-[0-9a-f]{8}")


class Place(NamedTuple):
    """A backup's folder, read."""

    schedule: str
    due_at: datetime


def place_of(schedule: str, due_at: datetime, attempt: str) -> str:
    """The folder of that attempt at a backup."""
    return f"{schedule}/{due_at.astimezone(UTC).strftime(_INSTANT)}-{attempt}"


def read_place(place: str) -> Place | None:
    """What that folder is of; None where it is none of ours."""
    schedule, _, folder = place.partition("/")
    found = _FOLDER.fullmatch(folder)
    if found is None or _SCHEDULE.fullmatch(schedule) is None:
        return None
    try:
        due_at = datetime.strptime(found["due"], _INSTANT).replace(tzinfo=UTC)
    except ValueError:
        return None
    return Place(schedule, due_at)


def known_place(place: str) -> str:
    """The same, once it is sure that it names a backup and leads nowhere else.

    Raises:
        BackupMissing: it does not.
    """
    if read_place(place) is None:
        raise BackupMissing(
            "A backup is named like nightly/20261201T030000Z-3f9a1c2e: see "
            "`python starter.py backup list`."
        )
    return place


def chunk_file(place: str, number: int) -> str:
    """The file of that chunk."""
    return f"{place}/{number:08}.chunk"
