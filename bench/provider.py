"""The provider of a measurement: the Bookeo simulator, with as many accounts as are asked for."""

import os
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path

from domain.programs import Program, ProviderAccount
from sandbox.bookeo.control import BookeoControl
from sandbox.environment import everybodys
from sandbox.keys import Keys
from sandbox.ports import assign
from sandbox.probe import HOST, answers
from sandbox.program import Child
from sandbox.program import Program as Served
from sandbox.simulator.certificate import AUTHORITY

COURSE = "bench-course"
"""The one product of each account."""
CATEGORY = "Cchildren"
PRICE_CENTS = 12_500
TIME_ZONE = "America/New_York"


class Provider:
    """The simulator as a process, found by every program through the environment.

    Args:
        folder: where it keeps its state.
        keys: the sandbox's.
        accounts: how many it has, `default` not counted.
        tls: whether the programs speak TLS to it, trusting an authority made for the purpose.
    """

    def __init__(self, folder: Path, keys: Keys, *, accounts: int, tls: bool) -> None:
        self._keys = keys
        self._secrets = [secrets.token_urlsafe(16) for _ in range(accounts)]
        ports = assign(("bookeo", "bookeo_tls"), folder / "provider-ports.json", None)
        self._plain = f"http://{HOST}:{ports['bookeo']}"
        self._base = f"https://{HOST}:{ports['bookeo_tls']}" if tls else self._plain
        self._tls_folder = folder / "tls"
        command = ["-m", "sandbox.bookeo", "serve", f"--port={ports['bookeo']}"]
        command += [f"--data={folder / 'provider.db'}"]
        if tls:
            command += [f"--tls-port={ports['bookeo_tls']}", f"--tls-folder={self._tls_folder}"]
        own = {
            "BOOKEO_API_KEY": keys.bookeo_api_key,
            "BOOKEO_SECRET_KEY": keys.bookeo_secret_key,
            "BOOKEO_SIM_CONTROL_TOKEN": keys.bookeo_control,
        }
        program = Served(
            name="bookeo",
            argv=(sys.executable, *command),
            env={**everybodys(), **own},
            ready=lambda: answers(ports["bookeo"], "/_sim/health"),
        )
        self._child = Child(program, folder / "provider.log")
        self._tls = tls

    def start(self) -> None:
        """Serve, open the accounts, and let this process's environment lead there.

        Raises:
            SandboxError: it did not start.
        """
        self._child.start()
        if self._tls:
            os.environ["SSL_CERT_FILE"] = str(self._tls_folder / AUTHORITY)
        os.environ["BOOKEO_API_BASE"] = f"{self._base}/v2"
        os.environ["BOOKEO_SIM_CONTROL_URL"] = self._plain
        with self.control() as control:
            for number, key in enumerate(self._secrets):
                os.environ[f"BOOKEO_API_KEY__{credentials(number).upper()}"] = key
                control.put_account(
                    credentials(number), api_key=key, secret_key=self._keys.bookeo_secret_key
                )
                control.put_product(
                    COURSE,
                    account_id=credentials(number),
                    name="Swimming",
                    rates={CATEGORY: PRICE_CENTS},
                )

    def control(self) -> BookeoControl:
        """Its control surface."""
        return BookeoControl(self._plain, self._keys.bookeo_control)

    def put_events(self, programs: Sequence[tuple[int, Program]], capacity: int) -> None:
        """Offer each program at its account."""
        with self.control() as control:
            for number, program in programs:
                control.put_event(
                    COURSE,
                    program.event_id,
                    account_id=credentials(number),
                    starts_at=program.starts_at,
                    ends_at=program.ends_at,
                    opens_at=program.opens_at,
                    capacity=capacity,
                )

    def revive(self) -> bool:
        """Start it again where it has died, with what it knew; whether it had.

        Raises:
            SandboxError: it did not start.
        """
        if self._child.alive:
            return False
        self._child.start()
        return True

    @property
    def pid(self) -> int:
        """Its process."""
        return self._child.pid

    @property
    def accounts(self) -> int:
        """How many accounts may be booked at."""
        return len(self._secrets)

    def stop(self) -> None:
        """End it."""
        self._child.stop()


def credentials(number: int) -> str:
    """The name of that account's keys, and of the account at the provider."""
    return f"bench{number:04}"


def organisation(number: int) -> ProviderAccount:
    """That account, as our database knows it."""
    return ProviderAccount(
        org_ref=f"bench-{number:04}",
        name=f"Bench Swim School {number}",
        credentials_ref=credentials(number),
    )
