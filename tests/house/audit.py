"""`make audit`: ask the advisory services what they know of the versions in the locks.

Exit code 0: nothing is known. 1: something is. 2: a service could not be asked, and so nobody
knows. What `make check` looks at without a network is `known_bad.toml`, a short list.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

from tests.house.tree import ROOT

BIN = Path(sys.executable).parent
WITHIN_S = 600

PYTHON = [
    sys.executable, "-m", "pip_audit", "--strict", "--require-hashes", "--disable-pip",
    "--vulnerability-service=osv", "--format=json", "--progress-spinner=off",
    "--requirement=requirements-dev.lock",
]  # fmt: skip
"""OSV and not the registry's own service: a mirror of the registry answers for every package
that it knows none, and pip-audit would call that clean. The development lock holds all others."""

NODE = [str(BIN / "npm"), "audit", "--package-lock-only", "--json"]


class Heard(NamedTuple):
    """What a service said. Faults are None where it said nothing."""

    faults: list[str] | None
    excuse: str = ""


def _answer(command: list[str], folder: Path) -> tuple[dict[str, Any], str]:
    """What the program printed as JSON, and the last line of its complaints."""
    try:
        ended = subprocess.run(  # noqa: S603 - one of the two commands above
            command, cwd=folder, capture_output=True, text=True, timeout=WITHIN_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return {}, f"{type(error).__name__}"
    try:
        said: dict[str, Any] = json.loads(ended.stdout)
    except ValueError:
        said = {}
    complaints = ended.stderr.strip().splitlines() or ["it said nothing"]
    return said, complaints[-1].split("(")[0]


def ask_about_python() -> Heard:
    """What OSV knows of the packages of Python."""
    said, complaint = _answer(PYTHON, ROOT)
    packages = said.get("dependencies")
    if not packages:
        return Heard(None, complaint)
    unasked = [package["name"] for package in packages if "skip_reason" in package]
    if unasked:
        return Heard(None, f"nothing was learned of {', '.join(unasked)}")
    return Heard(
        [
            f"{package['name']} {package['version']}: {fault['id']}, mended in "
            f"{', '.join(fault['fix_versions']) or 'no version yet'}"
            for package in packages
            for fault in package["vulns"]
        ]
    )


def ask_about_node() -> Heard:
    """What the registry knows of the packages of Node, which the sandbox's data API needs."""
    said, complaint = _answer(NODE, ROOT / "sandbox" / "data_api")
    if "vulnerabilities" not in said:
        return Heard(None, str(said.get("message", complaint)).split(" - ")[0])
    return Heard(
        [f"{name}: {fault['severity']}" for name, fault in said["vulnerabilities"].items()]
    )


def main() -> int:
    """Ask both, and say what was heard."""
    any_fault, all_asked = False, True
    for what, heard in (("Python", ask_about_python()), ("Node", ask_about_node())):
        if heard.faults is None:
            sys.stdout.write(
                f"NOT AUDITED: the service for {what} packages cannot be asked from here "
                f"({heard.excuse}). Run this where it can be.\n"
            )
            all_asked = False
        elif heard.faults:
            sys.stdout.write("".join(f"KNOWN FAULT in {what}: {fault}\n" for fault in heard.faults))
            any_fault = True
        else:
            sys.stdout.write(f"{what}: no faults are known of what is locked.\n")
    if any_fault:
        return 1
    return 0 if all_asked else 2


if __name__ == "__main__":
    sys.exit(main())
