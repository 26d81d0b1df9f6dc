"""The worker as `worker.py` composes it, with places in it where it may have to die.

Its processes come from multiprocessing's fork server, which has loaded everything before: one
that died is back within a breath.
"""

import asyncio
import ctypes
import os
import signal
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

from uvloop import new_event_loop

import logs
import worker
from activities import reconcile
from connection import Gateways, open_gateways, open_mail
from gateways import sealed_backups
from gateways.bookeo import BookeoAccounts
from leash import PR_SET_PDEATHSIG
from tests.chaos.interceptors import TrappedInterceptor, trap_decisions
from tests.chaos.timing import TIMEOUTS
from tests.chaos.trap_plan import TrapPlan
from tests.chaos.traps import Traps
from tests.chaos.watched_gateways import watched_factory, watched_mail

LOADED = (sealed_backups,)
"""What a worker loads no sooner than it needs it, which here is at once."""

BLIND = "CHAOS_BLIND"
"""Set for a worker that finds nothing when it looks up what a send became: the judges must see."""

TRIES_TO_JOIN, JOIN_AGAIN_S = 200, 0.01

FORGOTTEN_AFTER = timedelta(seconds=2)
"""So long a decision waits for the process that had its run, and was killed. In the service it is
Temporal's ten seconds; here somebody is killed every three, and a registration's life is short."""


def serve(queues: Sequence[str], plan: Path, log: Path, group: int, env: Mapping[str, str]) -> None:
    """One part of a worker, in this process, until SIGTERM or worse.

    Args:
        queues: what it serves.
        plan: the traps.
        log: where its output goes.
        group: the process group of the worker's other part; 0 for a new one.
        env: its whole environment: the fork server's own is that of an earlier world.
    """
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    _join(group)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.environ.clear()
    os.environ.update(env)
    os.environ.pop("METRICS_PORT", None)
    logs.configure()
    with ExitStack() as stack:
        _set_traps(stack, Traps(TrapPlan(plan)))
        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            runner.run(worker.run(queues))
    os._exit(0)


def _join(group: int) -> None:
    """The first process of the group may only just have begun."""
    for _ in range(TRIES_TO_JOIN):
        try:
            os.setpgid(0, group)
        except (PermissionError, ProcessLookupError):
            time.sleep(JOIN_AGAIN_S)
        else:
            return
    os.setpgid(0, 0)


def _set_traps(stack: ExitStack, traps: Traps) -> None:
    compose = worker.workers

    def workers(*parts: Any, **options: Any) -> list[Any]:
        interceptor = TrappedInterceptor(traps)
        options["sticky_queue_schedule_to_start_timeout"] = FORGOTTEN_AFTER
        made = compose(*parts, **options, interceptors=[interceptor])
        for one in made:
            trap_decisions(one, interceptor.decisions)
        return made

    gateways = watched_factory(open_gateways, traps, _impatient)
    if BLIND in os.environ:
        stack.enter_context(mock.patch.object(reconcile, "look_up", _sees_nothing))
    for name, stand_in in {
        "workers": workers,
        "open_gateways": gateways,
        "open_mail": watched_mail(open_mail, traps),
    }.items():
        stack.enter_context(mock.patch.object(worker, name, stand_in))


async def _sees_nothing(*_: object) -> reconcile.Found:
    return reconcile.Found()


def _impatient(gateways: Gateways) -> Gateways:
    """A registration that lives seconds cannot wait for the provider as long as a real one."""
    assert isinstance(gateways.providers, BookeoAccounts)
    gateways.providers._timeouts = TIMEOUTS  # pyright: ignore[reportPrivateUsage]  # not built yet
    return gateways
