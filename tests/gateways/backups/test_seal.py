"""What is closed for one place of one backup opens there and nowhere else."""

from datetime import timedelta

import pytest

from domain.backup_errors import BackupDamaged
from gateways.sealed_backups.keys import Seal
from gateways.sealed_backups.manifest import Header
from tests.backups import NEW, NIGHT, OLD, backup_keys, due

CONTENT = b"rows\n" * 1_000
KEYS = backup_keys(NEW, OLD)
HEADER = Header.fresh(due(), "new")


def seal(**changes: object) -> Seal:
    return KEYS.seal(HEADER.model_copy(update=changes))


def test_it_opens_at_its_place_and_is_smaller() -> None:
    for place, last in ((0, False), (7, True), (2**40, False)):
        closed = seal().close(place, CONTENT, last=last)
        assert len(closed) < len(CONTENT)
        assert seal().open(place, closed, last=last) == CONTENT


CLOSED = seal().close(7, CONTENT, last=False)


@pytest.mark.parametrize(
    ("opening", "place", "last", "sealed"),
    [
        (seal(), 8, False, CLOSED),
        (seal(), 7, True, CLOSED),
        (seal(), 7, False, CLOSED[:-1]),
        (seal(), 7, False, CLOSED[1:]),
        (seal(), 7, False, CLOSED + b"\0"),
        (seal(), 7, False, b""),
        (seal(schedule="hourly"), 7, False, CLOSED),
        (seal(due_at=NIGHT + timedelta(seconds=1)), 7, False, CLOSED),
        (seal(attempt="00000000"), 7, False, CLOSED),
        (seal(salt="0" * 64), 7, False, CLOSED),
        (seal(format=2), 7, False, CLOSED),
        (seal(key_name="old"), 7, False, CLOSED),
    ],
    ids=[
        *("another place", "as the last", "cut at the end", "cut at the front", "lengthened"),
        *("nothing", "another schedule", "another time", "another attempt", "another salt"),
        *("another format", "another key"),
    ],
)
def test_it_opens_nowhere_else_and_not_in_part(
    opening: Seal, place: int, last: bool, sealed: bytes
) -> None:
    with pytest.raises(BackupDamaged):
        opening.open(place, sealed, last=last)


def test_the_last_is_known_as_the_last() -> None:
    closed = seal().close(7, CONTENT, last=True)
    with pytest.raises(BackupDamaged):
        seal().open(7, closed, last=False)


def test_what_vouches_for_a_manifest_is_that_backup_s_and_that_key_s_alone() -> None:
    signed = {
        seal(**changes).sign(b"manifest")
        for changes in ({}, {"salt": "0" * 64}, {"key_name": "old"})
    }
    assert len(signed) == 3
    assert seal().sign(b"manifest") != seal().sign(b"manifests")
