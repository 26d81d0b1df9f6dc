"""What Temporal keeps of a run, looked at from outside."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TypeVar, cast

from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload, SearchAttributes
from temporalio.api.history.v1 import HistoryEvent, MarkerRecordedEventAttributes

from gateways.payload_codec import KEY_ID

Kind = TypeVar("Kind", bound=Message)

THE_SDK_S = ("patch-data", "data")
"""What a marker of the SDK's own holds: a patch's name, or which local activity ended when."""


def within(message: Message, kind: type[Kind]) -> Iterator[Kind]:
    """Every part of that kind, but of search attributes and of the SDK's own markers."""
    if isinstance(message, kind):
        yield message
    for field, value in message.ListFields():
        if field.message_type is None or isinstance(value, SearchAttributes):
            continue
        if field.message_type.GetOptions().map_entry:
            marker = isinstance(message, MarkerRecordedEventAttributes)
            inner = [value[name] for name in value if not (marker and name in THE_SDK_S)]
        else:
            inner = [value] if isinstance(value, Message) else value
        for item in cast("Iterable[object]", inner):
            if isinstance(item, Message):
                yield from within(item, kind)


def keys_of(events: Iterable[HistoryEvent]) -> Counter[str]:
    """How many payloads name which key; under the empty name those that are not encrypted."""
    payloads = [payload for event in events for payload in within(event, Payload)]
    return Counter(payload.metadata.get(KEY_ID, b"").decode() for payload in payloads)
