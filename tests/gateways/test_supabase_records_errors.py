import asyncio
import json
import logging
import socket
from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest

from domain.attempts import LEASE_TTL
from domain.errors import (
    Conflict,
    RecordMissing,
    RecordRejected,
    RecordsError,
    RecordsMisconfigured,
    RecordsUnavailable,
)
from gateways.supabase_records import SupabaseRecords, client
from tests.gateways.conftest import Project

KEY = "sb_secret_made_up"
PERSONAL = "Zoë O'Brien"
IMPATIENT = httpx.Timeout(0.2, connect=5)


class ScriptedApi:
    """A data API that gives one answer to everything."""

    def __init__(self) -> None:
        self.url = ""
        self.answer: bytes | None = None
        self.requests = 0
        self.headers: dict[str, str] = {}
        """Of the last request."""

    def says(self, status: int, body: object) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        head = f"HTTP/1.1 {status} Scripted\r\nContent-Length: {len(content)}\r\n\r\n"
        self.answer = head.encode() + content

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await self._request(reader):
            self.requests += 1
            if self.answer is None:
                await reader.read()
                break
            if self.answer == b"":
                break
            lines = head.decode().splitlines()[1:]
            self.headers = dict(line.lower().split(": ", 1) for line in lines if line)
            writer.write(self.answer)
            await writer.drain()
        writer.close()

    async def _request(self, reader: asyncio.StreamReader) -> bytes:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return b""
        length = next(
            int(line.split(b":")[1])
            for line in head.lower().split(b"\r\n")
            if line.startswith(b"content-length:")
        )
        await reader.readexactly(length)
        return head


@pytest.fixture
async def api() -> AsyncIterator[ScriptedApi]:
    scripted = ScriptedApi()
    server = await asyncio.start_server(scripted.serve, "127.0.0.1", 0)
    scripted.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield scripted
    server.close()
    await server.wait_closed()


@pytest.fixture
async def records(api: ScriptedApi) -> AsyncIterator[SupabaseRecords]:
    connected = await SupabaseRecords.connect(api.url, KEY, timeout=IMPATIENT)
    yield connected
    await connected.aclose()


def refusal(code: str | None, hint: str | None = None) -> dict[str, str | None]:
    return {
        "code": code,
        "message": "A sentence of ours.",
        "hint": hint,
        "details": f"Key (name)=({PERSONAL}) already exists.",
    }


async def failure_of(records: SupabaseRecords) -> RecordsError:
    with pytest.raises(RecordsError) as failed:
        await records.registration(uuid4())
    return failed.value


@pytest.mark.parametrize(
    ("status", "code", "hint", "expected", "rule"),
    [
        (409, "PT409", None, Conflict, None),
        (404, "PT404", None, RecordMissing, None),
        (422, "PT422", "over_cap", RecordRejected, "over_cap"),
        (422, "PT422", None, RecordRejected, "PT422"),
        (409, "23505", None, RecordRejected, "23505"),
        (400, "23514", None, RecordRejected, "23514"),
        (400, "22P02", None, RecordRejected, "22P02"),
        (400, "42501", None, RecordsMisconfigured, None),
        (404, "PGRST202", None, RecordsMisconfigured, None),
        (400, None, None, RecordRejected, "unknown"),
        (401, None, None, RecordsMisconfigured, None),
        (403, "42501", None, RecordsMisconfigured, None),
        (429, None, None, RecordsUnavailable, None),
        (500, "XX000", None, RecordsUnavailable, None),
        (500, "23505", None, RecordsUnavailable, None),
        (503, "PGRST000", None, RecordsUnavailable, None),
    ],
)
async def test_an_answer_becomes_the_error_it_means(
    api: ScriptedApi,
    records: SupabaseRecords,
    status: int,
    code: str | None,
    hint: str | None,
    expected: type[RecordsError],
    rule: str | None,
) -> None:
    api.says(status, refusal(code, hint))
    failure = await failure_of(records)
    assert type(failure) is expected
    if isinstance(failure, RecordRejected):
        assert failure.code == rule


async def test_our_own_functions_sentence_is_kept_and_bounded(
    api: ScriptedApi, records: SupabaseRecords
) -> None:
    api.says(409, refusal("PT409"))
    assert str(await failure_of(records)) == "A sentence of ours."
    api.says(409, refusal("PT409") | {"message": "word\n" * 500})
    assert len(str(await failure_of(records))) == 200


@pytest.mark.parametrize("code", ["23505", "22P02", "PT409", None])
async def test_no_error_carries_what_the_row_says_or_what_quoted_it(
    api: ScriptedApi, records: SupabaseRecords, code: str | None
) -> None:
    told = refusal(code)
    api.says(400, told if code == "PT409" else told | {"message": f"bad value: {PERSONAL}"})
    failure = await failure_of(records)
    assert PERSONAL not in f"{failure!r} {failure}"
    assert failure.__cause__ is None
    assert failure.__context__ is None


@pytest.mark.parametrize(
    "body", [b"<html>gateway</html>", b"", b"null", b'{"first_name": "Zo', {"id": PERSONAL}]
)
async def test_an_answer_that_cannot_be_read_is_no_answer(
    api: ScriptedApi, records: SupabaseRecords, body: object
) -> None:
    api.says(200, body)
    failure = await failure_of(records)
    assert isinstance(failure, RecordsUnavailable)
    assert PERSONAL not in str(failure)
    assert failure.__context__ is None


async def test_a_refusal_that_is_no_json_is_still_a_refusal(
    api: ScriptedApi, records: SupabaseRecords
) -> None:
    api.says(413, b"<html>too large</html>")
    failure = await failure_of(records)
    assert isinstance(failure, RecordRejected)
    assert failure.code == "413"


async def test_silence_and_a_broken_connection_are_no_answer_and_are_not_repeated(
    api: ScriptedApi, records: SupabaseRecords
) -> None:
    api.answer = None
    assert isinstance(await failure_of(records), RecordsUnavailable)
    api.answer = b""
    assert isinstance(await failure_of(records), RecordsUnavailable)
    assert api.requests == 2


async def test_a_renewal_is_given_up_soon_however_patient_other_calls_are(
    api: ScriptedApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "PROMPT_TIMEOUT", IMPATIENT)
    patient = await SupabaseRecords.connect(api.url, KEY, timeout=httpx.Timeout(60))
    api.answer = None
    async with asyncio.timeout(30):
        with pytest.raises(RecordsUnavailable):
            await patient.renew_lease(uuid4(), LEASE_TTL)
    await patient.aclose()


async def test_nobody_listening_is_no_answer() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{held.getsockname()[1]}"
        records = await SupabaseRecords.connect(url, KEY)
        with pytest.raises(RecordsUnavailable):
            await records.ping()
        await records.aclose()


async def test_a_redirect_is_not_followed_with_our_key(
    api: ScriptedApi, records: SupabaseRecords
) -> None:
    api.answer = (
        f"HTTP/1.1 307 Moved\r\nLocation: {api.url}/elsewhere\r\nContent-Length: 0\r\n\r\n".encode()
    )
    await failure_of(records)
    assert api.requests == 1


async def test_the_key_is_in_no_log_and_no_repr(
    api: ScriptedApi, records: SupabaseRecords, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    api.says(200, None)
    await records.ping()
    assert "/rpc/ping" in caplog.text
    assert KEY not in caplog.text + repr(records) + repr(vars(records))


@pytest.mark.parametrize(
    ("public", "sent"), [(None, KEY), ("sb_publishable_made_up", "sb_publishable_made_up")]
)
async def test_the_key_is_the_bearer_token_and_what_admits_it_goes_beside(
    api: ScriptedApi, public: str | None, sent: str
) -> None:
    api.says(200, None)
    records = await SupabaseRecords.connect(api.url, KEY, api_key=public)
    await records.ping()
    assert api.headers["authorization"] == f"bearer {KEY}"
    assert api.headers["apikey"] == sent
    await records.end_lease(uuid4())
    assert api.headers["apikey"] == sent
    await records.aclose()


async def test_a_refused_key_needs_an_operator(supabase_project: Project) -> None:
    records = await SupabaseRecords.connect(supabase_project.url, "sb_secret_of_somebody_else")
    with pytest.raises(RecordsMisconfigured):
        await records.ping()
    await records.aclose()
