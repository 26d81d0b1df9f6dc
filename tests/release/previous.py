"""The release before this one, out of the repository's own history.

`previous.txt` holds its commit. Whoever makes a release writes the commit of the one that is in
production there.
"""

import subprocess
import tarfile
from io import BytesIO
from pathlib import Path

from sandbox.program import ROOT

PIN = Path(__file__).with_name("previous.txt")


class NotHere(Exception):
    """The commit is not in this clone; the message says what to do."""


def check_out(into: Path, *paths: str) -> Path:
    """Put what the previous release consisted of there, or those paths of it alone.

    Raises:
        NotHere: as in a shallow clone.
    """
    commit = PIN.read_text().strip()
    packed = subprocess.run(  # noqa: S603 - our own arguments
        ["git", "-C", str(ROOT), "archive", commit, *paths],  # noqa: S607 - wherever git is
        capture_output=True,
        check=False,
    )
    if packed.returncode != 0:
        raise NotHere(
            f"The previous release, commit {commit} (tests/release/previous.txt), is not in this "
            "clone: fetch the whole history (git fetch --unshallow), or correct the file."
        )
    with tarfile.open(fileobj=BytesIO(packed.stdout)) as archive:
        archive.extractall(into, filter="data")
    return into
