"""Payloads as Temporal keeps them: what it can tell of them, and what we can."""

import pytest
from pydantic import SecretStr
from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.exceptions import ApplicationError

from domain.errors import PayloadAltered, PayloadKeyUnknown
from gateways.payload_codec import KEY_ID, AesGcmCodec, data_converter
from tests.mandates import seed
from tests.payload_keys import NEW, OLD, payload_keys

SECRET = "registration 4711"


def codec(*entries: str) -> AesGcmCodec:
    return AesGcmCodec(payload_keys(*entries))


def plain(text: str = SECRET) -> Payload:
    return Payload(metadata={"encoding": b"json/plain"}, data=f'"{text}"'.encode())


async def encrypted(*entries: str) -> Payload:
    (payload,) = await codec(*entries).encode([plain()])
    return payload


async def test_what_was_encrypted_is_read_back_whole() -> None:
    several = [plain("one"), plain("two"), Payload()]
    assert await codec(NEW).decode(await codec(NEW).encode(several)) == several


async def test_temporal_sees_a_key_s_name_and_nothing_of_the_content() -> None:
    payload = await encrypted(NEW)
    assert dict(payload.metadata) == {"encoding": b"binary/encrypted", KEY_ID: b"new"}
    assert SECRET.encode() not in payload.SerializeToString()
    assert b"json/plain" not in payload.SerializeToString()


async def test_the_same_content_never_looks_the_same_twice() -> None:
    assert (await encrypted(NEW)).data != (await encrypted(NEW)).data


async def test_the_first_key_encrypts_and_all_decrypt() -> None:
    before, after = await encrypted(OLD), await encrypted(NEW, OLD)
    assert after.metadata[KEY_ID] == b"new"
    assert await codec(NEW, OLD).decode([before, after]) == [plain(), plain()]


@pytest.mark.parametrize("keys", [None, payload_keys(NEW), payload_keys("plain", NEW)])
async def test_what_is_not_encrypted_is_read_with_any_keys_and_with_none(
    keys: SecretStr | None,
) -> None:
    assert await AesGcmCodec(keys).decode([plain(), Payload()]) == [plain(), Payload()]


async def test_plain_in_the_first_place_encrypts_nothing_and_reads_what_is() -> None:
    knows = codec("plain", NEW)
    assert not knows.encrypts
    assert await knows.encode([plain()]) == [plain()]
    assert await knows.decode([await encrypted(NEW)]) == [plain()]


@pytest.mark.parametrize("keys", [None, payload_keys(OLD)])
async def test_a_key_that_is_not_given_is_named_and_nothing_else(keys: SecretStr | None) -> None:
    payload = await encrypted(NEW)
    with pytest.raises(PayloadKeyUnknown) as unknown:
        await AesGcmCodec(keys).decode([payload])
    assert unknown.value.key_id == "new"
    assert str(unknown.value) == "the payload key named new is not among PAYLOAD_KEYS here"


@pytest.mark.parametrize("name", [b"", b"\xff", b"<b>" * 10, b"n" * 41])
async def test_a_name_that_no_key_can_have_is_not_repeated(name: bytes) -> None:
    payload = Payload(metadata={"encoding": b"binary/encrypted", KEY_ID: name})
    with pytest.raises(PayloadKeyUnknown) as unknown:
        await codec(NEW).decode([payload])
    assert unknown.value.key_id == "(none)"


async def test_another_key_under_the_same_name_reads_nothing() -> None:
    payload = await encrypted(NEW)
    with pytest.raises(PayloadAltered, match="the key named new"):
        await codec(f"new:{seed(99)}").decode([payload])


@pytest.mark.parametrize("place", [0, 12, -1])
async def test_what_was_altered_anywhere_is_found_out(place: int) -> None:
    payload = await encrypted(NEW)
    data = bytearray(payload.data)
    data[place] ^= 1
    with pytest.raises(PayloadAltered):
        await codec(NEW).decode([Payload(metadata=payload.metadata, data=bytes(data))])


@pytest.mark.parametrize("length", [0, 5, 12, 27])
async def test_what_was_cut_off_is_found_out(length: int) -> None:
    payload = await encrypted(NEW)
    with pytest.raises(PayloadAltered):
        await codec(NEW).decode([Payload(metadata=payload.metadata, data=payload.data[:length])])


async def test_a_payload_under_another_key_s_name_is_found_out() -> None:
    """Also where both names stand for one key: the name is part of what is encrypted."""
    payload = await encrypted(NEW)
    same = f"other:{seed(12)}"
    payload.metadata[KEY_ID] = b"other"
    with pytest.raises(PayloadAltered):
        await codec(same).decode([payload])


async def test_a_failure_s_text_and_trace_are_encrypted_and_read_back() -> None:
    converter, failure = data_converter(payload_keys(NEW)), Failure()
    cause = ValueError("at the bottom")
    await converter.encode_failure(_raised(ApplicationError("told", SECRET), cause), failure)

    assert failure.message == failure.cause.message == "Encoded failure"
    assert not failure.stack_trace
    kept = failure.SerializeToString()
    for text in (b"told", b"at the bottom", b"test_payload_codec.py", SECRET.encode()):
        assert text not in kept
    read = await converter.decode_failure(failure)
    assert isinstance(read, ApplicationError)
    assert (read.message, read.details) == ("told", (SECRET,))
    assert "at the bottom" in str(read.__cause__)


@pytest.mark.parametrize("keys", [None, payload_keys("plain", NEW)])
async def test_a_failure_stays_as_it_was_while_nothing_is_encrypted(keys: SecretStr | None) -> None:
    failure = Failure()
    await data_converter(keys).encode_failure(ApplicationError("told"), failure)
    assert failure.message == "told"


@pytest.mark.parametrize(
    "keys", ["new", "new:short", f"new:{'A' * 22}", f"{NEW},", f"{NEW},plain", "plain,new:*"]
)
def test_malformed_keys_are_refused_without_being_shown(keys: str) -> None:
    with pytest.raises(ValueError, match="payload keys must read") as refused:
        AesGcmCodec(SecretStr(keys))
    assert refused.value.__context__ is None
    assert seed(12) not in str(refused.value)


def test_neither_codec_nor_converter_shows_its_keys() -> None:
    converter = data_converter(payload_keys(NEW, OLD))
    assert seed(12) not in repr(converter) + repr(vars(converter.payload_codec))


def _raised(error: Exception, cause: Exception) -> Exception:
    try:
        raise error from cause
    except ApplicationError as caught:
        return caught
