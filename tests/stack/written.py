"""Everything that the programs have written down by now, wherever that is."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from temporalio.client import Client, WorkflowExecution

from concurrency import of_each
from console.kept_heads import payloads_of
from tests.stack.world import World

AT_ONCE = 10


def files(folder: Path) -> Iterator[Path]:
    """Every file below it that can be read."""
    for entry in sorted(folder.iterdir()):
        if entry.is_dir():
            yield from files(entry)
        elif entry.is_file():
            yield entry


def values_of(database: Path) -> Iterator[bytes]:
    """Every value of every table of an SQLite file, each in one piece.

    In the file itself a value that is longer than a page is scattered over several.
    """
    reading = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    reading.text_factory = bytes
    try:
        tables = reading.execute("select name from sqlite_master where type = 'table'").fetchall()
        for (table,) in tables:
            for row in reading.execute(f'select * from "{table.decode()}"'):  # noqa: S608 - the file's own names
                yield from (str(value).encode() if not isinstance(value, bytes) else value
                            for value in row if value is not None)  # fmt: skip
    finally:
        reading.close()


async def histories(world: World) -> dict[str, list[bytes]]:
    """Of each workflow that Temporal knows: how it is listed, its events, and its payloads."""
    client = await world.temporal()

    async def one(found: WorkflowExecution) -> tuple[str, list[bytes]]:
        return f"{found.id}/{found.run_id}", await _history(client, found)

    listed = [each async for each in client.list_workflows()]
    return dict(await of_each(listed, one, at_once=AT_ONCE))


async def _history(client: Client, found: WorkflowExecution) -> list[bytes]:
    handle = client.get_workflow_handle(found.id, run_id=found.run_id)
    events = (await handle.fetch_history()).events
    payloads = [payload for event in events for payload in payloads_of(event)]
    payloads += payloads_of(found.raw_info)
    codec = client.data_converter.payload_codec
    if codec is not None:
        payloads = await codec.decode(payloads)
    written = [event.SerializeToString() for event in events]
    return [*written, found.raw_info.SerializeToString(), *(one.data for one in payloads)]
