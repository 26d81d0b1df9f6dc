"""Prometheus and promtool: those of the machine, else Debian's, unpacked into a folder of ours.

The package is unpacked and not installed: installing it would leave a service running.
"""

import os
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

from bench.progress import Progress

NAMES = ("prometheus", "promtool")
PATIENCE_S = 300


class ToolMissing(Exception):
    """Prometheus or promtool is not there. The message says how to get it."""


class Tools(NamedTuple):
    prometheus: Path
    promtool: Path


def found(folder: Path, progress: Progress) -> Tools:
    """Both programs; unpacked into `folder` where the PATH has not both.

    Raises:
        ToolMissing: they are neither there nor to be had.
    """
    there = [shutil.which(name) for name in NAMES]
    if all(there):
        return Tools(*(Path(str(place)) for place in there))
    kept = Tools(*(folder / "usr" / "bin" / name for name in NAMES))
    if not all(place.exists() for place in kept):
        progress.say("fetching Debian's package prometheus")
        _unpack(folder)
    if not all(place.exists() for place in kept):
        raise _missing("Debian's package did not bring them")
    return kept


def _unpack(folder: Path) -> None:
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        raise _missing("this is no Debian to fetch them from")
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        _run("apt-get", "--quiet", "update", within=folder)
    _run("apt-get", "--quiet", "download", "prometheus", within=folder)
    package = next(folder.glob("prometheus_*.deb"), None)
    if package is None:
        raise _missing("apt-get brought no package")
    _run("dpkg-deb", "--extract", package.name, ".", within=folder)
    package.unlink()


def _run(*command: str, within: Path) -> None:
    try:
        done = subprocess.run(  # noqa: S603 - the system's own package tools
            command, cwd=within, capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )
    except subprocess.TimeoutExpired as slow:
        raise _missing(f"{command[0]} took more than {PATIENCE_S} s") from slow
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise _missing(f"{command[0]} says: {last}")


def _missing(why: str) -> ToolMissing:
    return ToolMissing(
        f"Prometheus and promtool are not both on the PATH, and {why}. Put both there (Debian: "
        "apt-get install --no-install-recommends prometheus) and run this again."
    )
