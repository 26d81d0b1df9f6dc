"""Running Postgres as somebody else: it refuses to serve as root, and CI often is root.

The other user must still reach the program and its data, and either may lie under folders that
only root can enter. So it keeps one right of root's, to pass by file permissions
(CAP_DAC_OVERRIDE), and nothing else.
"""

import os
import pwd
import shutil
from collections.abc import Sequence
from pathlib import Path

from sandbox.complaint import SandboxError

USER = "nobody"
_PASS_PERMISSIONS = 1 << 1  # CAP_DAC_OVERRIDE, capability.h
_KEEP_OVER_ACCESS_CHECKS = 1 << 8  # CAP_SETPCAP: needed to set the secure bit below


def is_needed() -> bool:
    """Whether this process is root."""
    return os.geteuid() == 0


def give(path: Path) -> None:
    """Make the other user the owner, where there is one."""
    if is_needed():
        account = _account()
        try:
            os.chown(path, account.pw_uid, account.pw_gid)
        except OSError as refused:
            raise SandboxError(
                f"{path} cannot be given to the user {USER} ({refused.strerror}), and Postgres "
                "does not run as root. Run the sandbox as an ordinary user."
            ) from refused


def as_other_user(command: Sequence[str], death_signal: str) -> list[str]:
    """The command, run as the other user where this process is root.

    `death_signal` is sent when the parent dies: changing the user drops an earlier request.

    Raises:
        SandboxError: setpriv (util-linux) is missing, or the user.
    """
    if not is_needed():
        return list(command)
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise SandboxError(
            "Postgres does not run as root, and the program setpriv, which would run it as "
            f"{USER}, is missing. Install util-linux, or run the sandbox as an ordinary user."
        )
    account = _account()
    return [
        setpriv,
        f"--reuid={account.pw_uid}",
        f"--regid={account.pw_gid}",
        "--clear-groups",
        f"--pdeathsig={death_signal}",
        *_kept_rights(),
        *command,
    ]


def _kept_rights() -> list[str]:
    status = Path("/proc/self/status").read_text()
    held = int(status.split("CapEff:")[1].split()[0], 16)
    if not held & _PASS_PERMISSIONS:
        return []
    rights = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
    if held & _KEEP_OVER_ACCESS_CHECKS:
        # access(2), with which Postgres examines its own program, ignores the capabilities of
        # any user but root unless this bit is set.
        rights.append("--securebits=+no_setuid_fixup")
    return rights


def _account() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(USER)
    except KeyError as missing:
        raise SandboxError(
            f"Postgres does not run as root, and this machine has no user {USER} to run it as. "
            "Run the sandbox as an ordinary user."
        ) from missing
