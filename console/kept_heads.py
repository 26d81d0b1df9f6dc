"""The audit heads that a workflow's history holds: after each transition it was told of one."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, cast

from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload
from temporalio.client import WorkflowHistory
from temporalio.converter import DataConverter

FIELD = "audit_head"


async def audit_heads(history: WorkflowHistory, converter: DataConverter) -> list[str]:
    """Each once, in the order in which the workflow learned of them."""
    payloads = [payload for event in history.events for payload in payloads_of(event)]
    if converter.payload_codec is not None:
        payloads = await converter.payload_codec.decode(payloads)
    heads = (head for payload in payloads for head in _heads(_json(payload)))
    return list(dict.fromkeys(heads))


def payloads_of(message: Message) -> Iterator[Payload]:
    """Every payload anywhere in the message."""
    if isinstance(message, Payload):
        yield message
        return
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        # A map's values, a repeated field's items, or the one message.
        if field.message_type.GetOptions().map_entry:
            inner = value.values()
        else:
            inner = [value] if isinstance(value, Message) else value
        for item in cast("Iterable[object]", inner):
            if isinstance(item, Message):
                yield from payloads_of(item)


def _json(payload: Payload) -> Any:
    if not payload.metadata.get("encoding", b"").startswith(b"json/"):
        return None
    return json.loads(payload.data)


def _heads(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in cast("dict[str, Any]", value).items():
            if name == FIELD and isinstance(inner, str) and inner:
                yield inner
            else:
                yield from _heads(inner)
    elif isinstance(value, list):
        for inner in cast("list[Any]", value):
            yield from _heads(inner)
