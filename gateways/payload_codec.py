"""What Temporal keeps of a run, encrypted with keys that Temporal does not have."""

import os
import re
from collections.abc import Sequence
from dataclasses import replace

from cryptography.exceptions import InvalidTag
from pydantic import SecretStr
from temporalio.api.common.v1 import Payload
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import (
    DataConverter,
    DefaultFailureConverter,
    DefaultFailureConverterWithEncodedAttributes,
    PayloadCodec,
)

from domain.errors import PayloadAltered, PayloadKeyUnknown
from gateways.named_keys import NONCE_BYTES, NamedKeys

ENCODING = b"binary/encrypted"
"""The metadata `encoding` of an encrypted payload; this and the next as in Temporal's samples."""

KEY_ID = "encryption-key-id"
"""The metadata that names its key."""

PURPOSE = b"signupassist payload 1 "
"""Bound to what is encrypted, with the key's name: it counts for nothing anywhere else."""

_NAME = re.compile(r"[A-Za-z0-9._-]{1,40}")


def data_converter(keys: SecretStr | None = None) -> DataConverter:
    """The one way between our values and what Temporal keeps, for clients, workers and replays.

    While keys encrypt, failures' texts and stack traces are encrypted too. What is not encrypted
    is read in any case; what is, and cannot be read, is never taken for something else.

    Args:
        keys: as for `AesGcmCodec`.

    Raises:
        ValueError: they are malformed; the message quotes none.
    """
    codec = AesGcmCodec(keys)
    failures = (
        DefaultFailureConverterWithEncodedAttributes if codec.encrypts else DefaultFailureConverter
    )
    return replace(pydantic_data_converter, payload_codec=codec, failure_converter_class=failures)


class AesGcmCodec(PayloadCodec):
    """Whole payloads, their metadata included, under AES-256-GCM.

    Not bound to its workflow: a Web UI asks for payloads without saying whose they are. Whoever can
    write into Temporal's database can therefore exchange one for another that we encrypted.

    Args of construction:
        keys: as for `NamedKeys`.

    Raises:
        ValueError: they are malformed; the message quotes none.
    """

    def __init__(self, keys: SecretStr | None) -> None:
        self._keys = NamedKeys(keys, "payload keys")
        self._first = self._keys.first

    @property
    def encrypts(self) -> bool:
        """Whether new payloads are encrypted."""
        return self._first is not None

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """The payloads, encrypted with the first key where there is one."""
        first = self._first
        if first is None:
            return list(payloads)
        return [self._encrypted(payload, first) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """The payloads as they were before; one that is not encrypted stays as it is.

        Raises:
            PayloadKeyUnknown: one names a key that is not given.
            PayloadAltered: one was not made with the key that it names.
        """
        return [self._decrypted(payload) for payload in payloads]

    def _encrypted(self, payload: Payload, name: str) -> Payload:
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._keys[name].encrypt(nonce, payload.SerializeToString(), _bound(name))
        metadata = {"encoding": ENCODING, KEY_ID: name.encode()}
        return Payload(metadata=metadata, data=nonce + sealed)

    def _decrypted(self, payload: Payload) -> Payload:
        if payload.metadata.get("encoding") != ENCODING:
            return payload
        name = _name(payload)
        if name not in self._keys:
            raise PayloadKeyUnknown(name)
        nonce, sealed = payload.data[:NONCE_BYTES], payload.data[NONCE_BYTES:]
        try:
            return Payload.FromString(self._keys[name].decrypt(nonce, sealed, _bound(name)))
        except (InvalidTag, ValueError):
            raise PayloadAltered(name) from None


def _name(payload: Payload) -> str:
    """Its key's name. What could not be one is not repeated: anybody may have written it."""
    text = payload.metadata.get(KEY_ID, b"").decode(errors="replace")
    return text if _NAME.fullmatch(text) else "(none)"


def _bound(name: str) -> bytes:
    return PURPOSE + name.encode()
