"""What keeps backups: files under names like `nightly/20261201T030000Z-3f9a1c2e/00000001.chunk`."""

from typing import Protocol


class Target(Protocol):
    """Keeps files, and lists them whole.

    Every method raises BackupUnavailable where it gets no answer, and BackupMisconfigured where an
    operator has to mend something.
    """

    async def put(self, path: str, content: bytes) -> None:
        """Keep it, in place of what is there: a reader finds the old or the new, never half."""
        ...

    async def get(self, path: str) -> bytes:
        """The file.

        Raises:
            BackupMissing: there is none.
        """
        ...

    async def children(self, folder: str) -> tuple[str, ...]:
        """The names directly in that folder, all of them; in `""` those at the top.

        One that does not exist has none. Where not everything can be listed, it is an error.
        """
        ...

    async def delete(self, paths: tuple[str, ...]) -> None:
        """Delete these files; those that are not there are no matter."""
        ...
