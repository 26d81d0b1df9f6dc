"""A faulty way to the data API: `python -m tests.chaos.data_api_proxy` stands in between.

What a call meets is decided by the registration that its body names.
"""

import asyncio
import os
from collections import defaultdict
from enum import StrEnum
from typing import Annotated, Any

import httpx
import typer
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from sandbox.probe import HOST
from sandbox.simulator.transport import ExposedH11, reset, transport_of

CONTROL = "/_proxy/faults"
SLOW_S = 1.5
MAY_CONFLICT = frozenset(
    {"claim_registration", "open_attempt", "close_attempt", "open_charge", "record_outcome"}
)
NOT_PASSED_ON = frozenset({"host", "content-length", "connection", "transfer-encoding"})


class DataApiFault(StrEnum):
    """What the first call of each function meets that names the registration."""

    DOWN = "down"
    """The connection is reset, and nothing was passed on."""
    SLOW = "slow"
    ERROR = "error"
    """503, and nothing was passed on."""
    RESET_AFTER_COMMIT = "reset_after_commit"
    """It was done, and the connection is reset without the answer."""
    CONFLICT = "conflict"
    """409, as where somebody else changed the row; nothing was passed on. Of reads there is
    none, and a confirm that is refused is nothing to look at."""


class Proxy:
    """Passes on, but for what it was told to break."""

    def __init__(self, target: str) -> None:
        self._http = httpx.AsyncClient(base_url=target, timeout=60, trust_env=False)
        self._faults: defaultdict[str, list[DataApiFault]] = defaultdict(list)
        self._met: set[tuple[str, DataApiFault, str]] = set()

    def application(self) -> Starlette:
        """Everything under any path, and one path to be told at."""
        return Starlette(
            routes=[Route(CONTROL, self._told, methods=["POST"]), Route("/{path:path}", self)]
        )

    async def _told(self, request: Request) -> Response:
        asked: dict[str, Any] = await request.json()
        self._faults[asked["registration_id"]].append(DataApiFault(asked["kind"]))
        return Response(status_code=204)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One call."""
        request = Request(scope, receive)
        body = await request.body()
        fault = self._fault(request.url.path, body)
        match fault:
            case DataApiFault.DOWN:
                await _reset(scope, receive)
                return
            case DataApiFault.ERROR:
                answer: Response = JSONResponse({"message": "out of order"}, 503)
            case DataApiFault.CONFLICT:
                refused = {"code": "PT409", "message": "It changed meanwhile.", "hint": None}
                answer = JSONResponse({**refused, "details": None}, 409)
            case _:
                if fault is DataApiFault.SLOW:
                    await asyncio.sleep(SLOW_S)
                answer = await self._passed_on(request, body)
        if fault is DataApiFault.RESET_AFTER_COMMIT:
            await _reset(scope, receive)
            return
        await answer(scope, receive, send)

    def _fault(self, path: str, body: bytes) -> DataApiFault | None:
        text = body.decode(errors="replace")
        for registration, faults in self._faults.items():
            if registration not in text:
                continue
            for fault in faults:
                place = (registration, fault, path)
                possible = fault is not DataApiFault.CONFLICT or _function(path) in MAY_CONFLICT
                if possible and place not in self._met:
                    self._met.add(place)
                    return fault
        return None

    async def _passed_on(self, request: Request, body: bytes) -> Response:
        headers = [(k, v) for k, v in request.headers.items() if k not in NOT_PASSED_ON]
        try:
            answer = await self._http.request(
                request.method,
                str(request.url.replace(scheme="", netloc="")),
                headers=headers,
                content=body,
            )
        except httpx.TransportError:
            return JSONResponse({"message": "the data API is out of reach"}, 503)
        kept = {
            k: v for k, v in answer.headers.items() if k not in NOT_PASSED_ON | {"content-encoding"}
        }
        return Response(answer.content, answer.status_code, kept)


def _function(path: str) -> str:
    return path.rpartition("/")[2]


async def _reset(scope: Scope, receive: Receive) -> None:
    reset(transport_of(scope))
    while (await receive())["type"] != "http.disconnect":
        continue


def main(
    port: Annotated[int, typer.Option(help="Where it listens, on 127.0.0.1.")],
) -> None:
    """Stand between the worker and the data API at SUPABASE_URL until SIGTERM."""
    proxy = Proxy(os.environ["SUPABASE_URL"])
    config = uvicorn.Config(
        proxy.application(), host=HOST, port=port, http=ExposedH11, log_level="warning",
        timeout_keep_alive=120,
    )  # fmt: skip
    uvicorn.Server(config).run()


if __name__ == "__main__":
    typer.run(main)
