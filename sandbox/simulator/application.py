"""One simulator: its state, its faults and its ASGI application."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.routing import Route

from sandbox.simulator import background, faults, ledger
from sandbox.simulator.answer import Answer, Refused
from sandbox.simulator.background import Background
from sandbox.simulator.control_surface import ControlSurface
from sandbox.simulator.exchange import Exchange
from sandbox.simulator.fault_kinds import GENERIC
from sandbox.simulator.faults import FaultBook
from sandbox.simulator.gate import Gate, NoGate
from sandbox.simulator.store import Store, Transaction
from sandbox.simulator.vendor import Call, Vendor, VendorRoute

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


class Simulator:
    """A vendor brought to life upon a state file."""

    def __init__(self, vendor: Vendor, data: Path, control_token: str) -> None:
        """Open the state file.

        Raises:
            StateFileBusy: another process serves it.
        """
        self.vendor = vendor
        self.gate: Gate = NoGate()
        schemas = (ledger.SCHEMA, faults.SCHEMA, background.SCHEMA, vendor.schema)
        self.store = Store(data, schemas)
        self.book = FaultBook((*GENERIC, *vendor.fault_kinds))
        self.background = Background(self.store, vendor)
        self._control = ControlSurface(self, control_token)
        with self.store.transaction() as tx:
            background.recover(tx)
            vendor.on_start(tx)

    def reset(self) -> None:
        """Back to the state of a first start."""
        self.store.empty()
        with self.store.transaction() as tx:
            self.vendor.on_start(tx)

    def application(self) -> Starlette:
        """The ASGI application: the vendor's endpoints and the control surface."""
        routes = [*self._control.routes(), *self._vendor_routes()]
        return Starlette(routes=routes, lifespan=self._lifespan)

    def _vendor_routes(self) -> list[Route]:
        stray = [VendorRoute(method, "/{path:path}", _no_such_endpoint) for method in METHODS]
        declared: Sequence[VendorRoute] = [*self.vendor.routes, *stray]
        return [
            Route(
                route.path,
                Exchange(route, self.vendor, self.store, self.book, self.background),
                methods=[route.method],
            )
            for route in declared
        ]

    @asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncGenerator[None, None]:
        running = asyncio.create_task(self.background.run())
        try:
            yield
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            self.store.close()


def _no_such_endpoint(call: Call, tx: Transaction) -> Answer:  # noqa: ARG001 - a Handler's shape
    raise Refused(404, "There is no such endpoint.")
