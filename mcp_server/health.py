"""Whether the server can do anything for anyone: Temporal and the database both answer."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from typing import Literal

import structlog
from fastapi import APIRouter, Response, status
from temporalio.service import RPCError

from domain.errors import OutsideError
from domain.frozen import Frozen
from starter import FrontDoor

ANSWER_WITHIN = timedelta(seconds=3)

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class Health(Frozen):
    """The answer of `/healthz`."""

    status: Literal["ok", "unavailable"]
    unavailable: tuple[str, ...] = ()
    """What does not answer: `temporal`, `database`."""


def health_routes(door: FrontDoor) -> APIRouter:
    """`/healthz`: 200 when both answer, else 503 naming which does not. Needs no token."""
    router = APIRouter()
    looking: asyncio.Task[tuple[str, ...]] | None = None

    @router.get(
        "/healthz",
        response_model_exclude_defaults=True,
        responses={status.HTTP_503_SERVICE_UNAVAILABLE: {"model": Health}},
    )
    async def healthz(response: Response) -> Health:  # pyright: ignore[reportUnusedFunction]  # routed
        # Whoever asks while somebody looks gets that look's answer: no token is needed here, and
        # many who ask at once must not become as many questions to Temporal and the database.
        nonlocal looking
        if looking is None or looking.done():
            looking = asyncio.create_task(_silent(door))
        silent = await asyncio.shield(looking)
        if not silent:
            return Health(status="ok")
        _log.warning("unhealthy", unavailable=silent)
        response.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
        return Health(status="unavailable", unavailable=silent)

    return router


async def _silent(door: FrontDoor) -> tuple[str, ...]:
    """What does not answer."""
    names = ("temporal", "database")
    answers = await asyncio.gather(
        _answers(door.temporal.service_client.check_health(timeout=ANSWER_WITHIN)),
        _answers(door.records.ping()),
    )
    return tuple(name for name, well in zip(names, answers, strict=True) if not well)


async def _answers(asking: Awaitable[bool | None]) -> bool:
    """Whether it answered in time, and not with a no."""
    try:
        async with asyncio.timeout(ANSWER_WITHIN.total_seconds()):
            return await asking is not False
    except (OutsideError, RPCError, TimeoutError):
        return False
