"""Files and folders that only their owner may read."""

import os
from pathlib import Path


def private_folder(folder: Path) -> Path:
    """The folder, created for its owner alone where it did not exist."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def write_private(file: Path, text: str) -> None:
    """Write the whole file at once (a reader sees the old or the new one), mode 0600."""
    fresh = file.with_name(f"{file.name}.{os.getpid()}.new")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:  # noqa: PTH123 - pathlib cannot create with a mode
        out.write(text)
    fresh.replace(file)
