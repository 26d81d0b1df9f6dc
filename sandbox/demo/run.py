"""The demo as a program: starts the stack, has the tale told, ends everything."""

import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import TypeVar

import httpx
from rich.console import Console

from sandbox import environment
from sandbox.chat_client import how_to_connect
from sandbox.complaint import SandboxError
from sandbox.demo.narrator import Narrator
from sandbox.demo.stories import Story
from sandbox.progress import Progress
from sandbox.simulator.control import ControlError
from sandbox.up import Stack

T = TypeVar("T")

FAILED = 1
INTERRUPTED = 130
"""As shells say it of a program that Ctrl-C ended."""


@dataclass(frozen=True)
class Wishes:
    """What was asked for on the command line."""

    data: Path | None
    """None: a folder of its own, removed at the end."""
    keep: bool
    stay: bool


class Demo:
    """One run.

    Args:
        story: what is told.
        console: where the story goes.
        complaints: where it is said why there is none.
    """

    def __init__(self, story: Story, wishes: Wishes, console: Console, complaints: Console) -> None:
        self._story = story
        self._wishes = wishes
        self._console = console
        self._complaints = complaints
        self._narrator = Narrator(console)
        self._data = wishes.data or Path(tempfile.mkdtemp(prefix="signupassist-demo-"))
        self._stack: Stack | None = None

    def run(self) -> int:
        """Do it all; returns the exit status. Ctrl-C and SIGTERM end everything in order."""
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, _as_ctrl_c)
        # A world of its own: nothing set here may lead it to a real account.
        environment.ignore_given()
        status = FAILED
        try:
            status = self._start_and_tell()
        except KeyboardInterrupt:
            self._narrator.note("\nInterrupted. Stopping everything ...")
            status = INTERRUPTED
        finally:
            self._end(failed=status == FAILED)
        return status

    def _start_and_tell(self) -> int:
        began = time.monotonic()
        self._narrator.note(self._story.preface)
        stack = self._tried(self._start)
        if stack is None:
            return FAILED
        self._narrator.fact("Ready", f"in {time.monotonic() - began:.1f} s")
        moral = self._tried(lambda: self._story.tell(self._data, stack.env, self._narrator))
        if moral is not None:
            self._narrator.end(moral)
        if self._wishes.stay:  # a tale that broke off, above all, is worth looking at
            self._stay(stack)
        elif moral is not None:
            self._narrator.note("The Web UI ends with this program; ARGS=--stay keeps it.")
        return FAILED if moral is None else 0

    def _tried(self, step: Callable[[], T]) -> T | None:
        """What the step gave; None where it failed, which is said then."""
        try:
            return step()
        except SandboxError as refused:
            self._complain(str(refused))
        except (ControlError, httpx.HTTPError, OSError) as silent:
            self._complain(f"A program of the sandbox failed ({type(silent).__name__}): {silent}")
        return None

    def _start(self) -> Stack:
        threading.Thread(target=import_module, args=[self._story.tale], daemon=True).start()
        with Progress(self._console) as progress:
            stack = Stack(self._data, watch=progress.watch)
            stack.start()
        self._stack = stack
        return stack

    def _stay(self, stack: Stack) -> None:
        self._narrator.chapter("Look around")
        self._narrator.addresses(
            {
                "Temporal Web UI": stack.env["TEMPORAL_UI_URL"],
                "Mail": f"{stack.env['MAIL_CATCHER_URL']}/mails",
                "Chat tools": stack.env["MCP_URL"],
            }
        )
        self._narrator.note(how_to_connect(stack.env["MCP_URL"], self._data))
        try:
            self._narrator.end("Everything runs until Ctrl-C.")
            threading.Event().wait()
        except KeyboardInterrupt:
            return

    def _complain(self, sentence: str) -> None:
        dead = self._stack.dead() if self._stack else {}
        where = f"What its programs said is in {self._data / 'logs'}."
        for text in (sentence, *dead.values(), where):
            self._complaints.print(text, markup=False, highlight=False, soft_wrap=True)

    def _end(self, *, failed: bool) -> None:
        # A second Ctrl-C would leave programs behind.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if self._stack is not None:
            self._stack.stop()
        if self._wishes.data is None:
            if self._wishes.keep:
                self._narrator.note(f"Everything it wrote is in {self._data}.")
            elif not failed:
                shutil.rmtree(self._data, ignore_errors=True)


def _as_ctrl_c(_number: int, _frame: FrameType | None) -> None:
    signal.raise_signal(signal.SIGINT)
