# supabase-py declares what it takes and gives with generic types left open:
# pyright: reportUnknownMemberType=false

import asyncio
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import httpx
from postgrest.exceptions import APIError
from supabase import AsyncClientOptions, acreate_client

from tests.data_api.project import TABLE, Project, Rows, rows_of, transition

CALLERS = 50


def test_of_fifty_threads_that_claim_one_row_exactly_one_wins(project: Project, rows: Rows) -> None:
    together = Barrier(CALLERS)

    def claim(_: int) -> int:
        with httpx.Client() as http:
            table = project.client(http, project.secret_key).table(TABLE)
            change = table.update({"status": "claimed", "version": 2})
            together.wait(30)
            guarded = change.eq("id", rows.ids[2]).eq("status", "pending").eq("version", 1)
            return len(rows_of(guarded.execute()))

    with ThreadPoolExecutor(CALLERS) as pool:
        assert sum(pool.map(claim, range(CALLERS))) == 1


async def test_of_fifty_coroutines_that_transition_one_row_exactly_one_wins(
    project: Project, rows: Rows
) -> None:
    async with httpx.AsyncClient(timeout=30) as http:
        client = await acreate_client(
            project.url, project.secret_key, AsyncClientOptions(httpx_client=http)
        )

        async def attempt() -> str | None:
            try:
                await client.rpc(
                    "transition", transition(rows.ids[3], "pending", "claimed", 1)
                ).execute()
            except APIError as conflict:
                return conflict.code
            return "won"

        outcomes = await asyncio.gather(*(attempt() for _ in range(CALLERS)))
        events = client.table("audit_events").select("id")
        written = await events.eq("scheduled_registration_id", rows.ids[3]).execute()
    assert sorted(map(str, outcomes)) == ["RC409"] * (CALLERS - 1) + ["won"]
    assert len(rows_of(written)) == 1
