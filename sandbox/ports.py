"""Which port each server of one sandbox listens on."""

import json
import random
import socket
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from sandbox.complaint import SandboxError
from sandbox.private import write_private
from sandbox.probe import HOST, wait_until

# Below the range from which the kernel takes ports for outgoing connections.
# Every other one: a program may need the one above its own too.
CHOICE = range(20_000, 32_000, 2)
RELEASE_SECONDS = 5.0
"""How long a port of the last run may still be held by a program that is just ending."""


def is_free(port: int) -> bool:
    """Whether nobody listens there now."""
    with closing(socket.socket()) as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((HOST, port))
        except OSError:
            return False
    return True


def assign(names: Iterable[str], file: Path, base: int | None) -> dict[str, int]:
    """A free port for each name: from `base` upwards, else those of the last run, else others.

    Raises:
        SandboxError: a port counted from `base` is taken.
    """
    names = list(names)
    if base is not None:
        ports = {name: base + place for place, name in enumerate(names)}
        for name, port in ports.items():
            if not wait_until(lambda port=port: is_free(port), RELEASE_SECONDS):
                raise SandboxError(
                    f"Port {port}, meant for {name}, is taken. Choose another --port-base."
                )
    else:
        kept: dict[str, int] = json.loads(file.read_text()) if file.exists() else {}
        ports = {
            name: kept[name]
            for name in names
            if name in kept and wait_until(lambda name=name: is_free(kept[name]), RELEASE_SECONDS)
        }
        for name in names:
            if name not in ports:
                ports[name] = _another(set(ports.values()) | set(kept.values()))
        ports = {**kept, **ports}
    write_private(file, json.dumps(ports, indent=1))
    return ports


def _another(taken: set[int]) -> int:
    for port in random.sample(CHOICE, len(CHOICE)):
        if port not in taken and is_free(port) and is_free(port + 1):
            return port
    raise SandboxError("No port is free on 127.0.0.1. End other programs and start again.")
