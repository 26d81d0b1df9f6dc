"""A headless Chromium, told what to do through a pipe by the DevTools protocol."""

import asyncio
import json
import os
import subprocess
import sys
from base64 import b64decode
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

ANSWERS_WITHIN = 30

_LAUNCH = """
import fcntl, os, sys
reads, writes = (fcntl.fcntl(int(each), fcntl.F_DUPFD, 10) for each in sys.argv[1:3])
os.dup2(reads, 3)
os.dup2(writes, 4)
os.execvp(sys.argv[3], sys.argv[3:])
"""
"""Its pipes have to be its descriptors 3 and 4, whatever numbers they have here."""


class Browser:
    """One page of it.

    https://chromedevtools.github.io/devtools-protocol/: a message each way ends with a zero byte.
    """

    def __init__(self, reader: asyncio.StreamReader, to: int) -> None:
        self._reader = reader
        self._to = to
        self._asked = 0
        self._session: str | None = None

    async def opened(self) -> None:
        """Open its page."""
        page = await self.ask("Target.createTarget", url="about:blank")
        attached = await self.ask("Target.attachToTarget", targetId=page["targetId"], flatten=True)
        self._session = attached["sessionId"]

    async def resized(self, size: tuple[int, int]) -> None:
        """Make it so many pixels wide and high."""
        await self.ask(
            "Emulation.setDeviceMetricsOverride",
            width=size[0],
            height=size[1],
            deviceScaleFactor=1,
            mobile=False,
        )

    async def go(self, url: str, until: str) -> None:
        """Load a page, until it shows that text."""
        await self.ask("Page.navigate", url=url)
        await self.shows(until)

    async def shows(self, text: str, inside: str | None = None) -> None:
        """Wait, bounded, for that text: in the page itself, or in one of its frames."""
        bodies = "[document.body]"
        if inside is not None:
            frames = f"[...document.querySelectorAll({json.dumps(inside)})]"
            bodies = f"{frames}.map(each => each.contentDocument?.body)"
        look = f"{bodies}.some(each => each?.innerText.includes({json.dumps(text)}))"
        async with asyncio.timeout(ANSWERS_WITHIN):
            while True:
                if await self.run(look):
                    return
                await asyncio.sleep(0.1)

    async def remember(self, kept: Mapping[str, object]) -> None:
        """Put values into the local storage of the page's origin."""
        for name, value in kept.items():
            said = json.dumps(json.dumps(value))
            await self.run(f"localStorage.setItem({json.dumps(name)}, {said})")

    async def run(self, script: str) -> Any:
        """What the script evaluates to, on the page."""
        done = await self.ask("Runtime.evaluate", expression=script, returnByValue=True)
        return done["result"].get("value")

    async def picture(self, path: Path) -> None:
        """Write the page as it is seen, as PNG."""
        shot = await self.ask("Page.captureScreenshot", format="png")
        path.write_bytes(b64decode(shot["data"]))

    async def ask(self, method: str, **params: object) -> dict[str, Any]:
        """One call, and its answer."""
        self._asked += 1
        call: dict[str, object] = {"id": self._asked, "method": method, "params": params}
        if self._session is not None:
            call["sessionId"] = self._session
        os.write(self._to, json.dumps(call).encode() + b"\0")
        async with asyncio.timeout(ANSWERS_WITHIN):
            while True:
                told = json.loads((await self._reader.readuntil(b"\0"))[:-1])
                if told.get("id") == self._asked:
                    break
        if "error" in told:
            raise RuntimeError(f"{method}: {told['error']['message']}")
        return told["result"]


@asynccontextmanager
async def browser(program: str, home: Path) -> AsyncGenerator[Browser]:
    """One of one's own, ended afterwards.

    Args:
        program: the browser's, such as `chromium`.
        home: an empty folder for what it keeps.
    """
    it_reads, to = os.pipe()
    from_it, it_writes = os.pipe()
    command = (
        *(program, "--headless=new", "--no-sandbox", "--hide-scrollbars", "--disable-gpu"),
        *(f"--user-data-dir={home}", "--remote-debugging-pipe"),
    )
    process = subprocess.Popen(  # noqa: ASYNC220, S603 - it only begins here
        [sys.executable, "-c", _LAUNCH, str(it_reads), str(it_writes), *command],
        pass_fds=(it_reads, it_writes),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(it_reads)
    os.close(it_writes)
    reader = asyncio.StreamReader(limit=2**26)
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(from_it, "rb")
    )
    try:
        yield Browser(reader, to)
    finally:
        process.terminate()
        process.wait(timeout=ANSWERS_WITHIN)
        transport.close()
        os.close(to)
