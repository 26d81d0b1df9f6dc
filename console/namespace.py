"""What Temporal's namespace must know of ours: the search attributes."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    ListSearchAttributesRequest,
)
from temporalio.client import Client
from temporalio.common import SearchAttributeIndexedValueType, SearchAttributeKey
from temporalio.service import RPCError

from domain.errors import WorkflowsUnreachable
from workflows.search_attributes import SEARCH_ATTRIBUTES

OPERATOR_TIMEOUT = timedelta(seconds=10)

_INDEXED_AS: dict[SearchAttributeIndexedValueType, IndexedValueType.ValueType] = {
    SearchAttributeIndexedValueType.TEXT: IndexedValueType.INDEXED_VALUE_TYPE_TEXT,
    SearchAttributeIndexedValueType.KEYWORD: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    SearchAttributeIndexedValueType.INT: IndexedValueType.INDEXED_VALUE_TYPE_INT,
    SearchAttributeIndexedValueType.DATETIME: IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
}


async def missing_search_attributes(client: Client) -> list[SearchAttributeKey[Any]]:
    """Those of ours that the namespace does not know.

    Raises:
        RPCError: Temporal refused or did not answer.
    """
    known = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace), timeout=OPERATOR_TIMEOUT
    )
    return [key for key in SEARCH_ATTRIBUTES if key.name not in known.custom_attributes]


async def register_search_attributes(client: Client) -> list[str]:
    """Make the namespace know our search attributes; the names that were added.

    Only the deploy step does this: a worker has no business changing its namespace.

    Raises:
        WorkflowsUnreachable: Temporal refused or did not answer; the call may be repeated.
    """
    try:
        missing = await missing_search_attributes(client)
        if missing:
            await add_search_attributes(client, missing)
    except RPCError as error:
        raise WorkflowsUnreachable(
            f"Temporal did not take the search attributes of namespace {client.namespace} "
            f"({error.status.name}). Does the namespace exist, and may our key change it?"
        ) from error
    return [key.name for key in missing]


async def add_search_attributes(client: Client, keys: Sequence[SearchAttributeKey[Any]]) -> None:
    """Add the attributes, which the namespace must not know yet."""
    await client.operator_service.add_search_attributes(
        AddSearchAttributesRequest(
            namespace=client.namespace,
            search_attributes={key.name: _INDEXED_AS[key.indexed_value_type] for key in keys},
        ),
        timeout=OPERATOR_TIMEOUT,
    )
