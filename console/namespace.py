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
from temporalio.service import RPCError, RPCStatusCode

from domain.errors import WorkflowsUnreachable
from workflows.search_attributes import SEARCH_ATTRIBUTES

OPERATOR_TIMEOUT = timedelta(seconds=10)

_INDEXED_AS: dict[SearchAttributeIndexedValueType, IndexedValueType.ValueType] = {
    SearchAttributeIndexedValueType.TEXT: IndexedValueType.INDEXED_VALUE_TYPE_TEXT,
    SearchAttributeIndexedValueType.KEYWORD: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    SearchAttributeIndexedValueType.INT: IndexedValueType.INDEXED_VALUE_TYPE_INT,
    SearchAttributeIndexedValueType.DATETIME: IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
}


_CLOSED = {RPCStatusCode.PERMISSION_DENIED, RPCStatusCode.UNIMPLEMENTED}
"""What Temporal Cloud may answer to whatever is a self-hosted operator's."""


async def missing_search_attributes(client: Client) -> list[SearchAttributeKey[Any]]:
    """Those of ours that the namespace does not know.

    Where its operator service is closed to us, as at Temporal Cloud, a query for each tells.

    Raises:
        RPCError: Temporal refused or did not answer.
    """
    asked = ListSearchAttributesRequest(namespace=client.namespace)
    try:
        known = await client.operator_service.list_search_attributes(
            asked, timeout=OPERATOR_TIMEOUT
        )
    except RPCError as refused:
        if refused.status not in _CLOSED:
            raise
        return [key for key in SEARCH_ATTRIBUTES if not await _can_be_queried(client, key)]
    return [key for key in SEARCH_ATTRIBUTES if key.name not in known.custom_attributes]


async def _can_be_queried(client: Client, key: SearchAttributeKey[Any]) -> bool:
    try:
        await client.count_workflows(f"{key.name} is not null", rpc_timeout=OPERATOR_TIMEOUT)
    except RPCError as refused:
        if refused.status is RPCStatusCode.INVALID_ARGUMENT:
            return False
        raise
    return True


async def register_search_attributes(client: Client) -> list[str]:
    """Make the namespace know our search attributes; the names that were added.

    Only the deploy step does this: a worker has no business changing its namespace.

    Raises:
        WorkflowsUnreachable: Temporal refused or did not answer; the call may be repeated. Where
            it lets nobody add any this way, the message says how they are added there.
    """
    missing: list[SearchAttributeKey[Any]] = []
    try:
        missing = await missing_search_attributes(client)
        if missing:
            await add_search_attributes(client, missing)
    except RPCError as error:
        if missing and error.status in _CLOSED:
            raise WorkflowsUnreachable(_to_be_added(client.namespace, missing)) from error
        raise WorkflowsUnreachable(
            f"Temporal did not take the search attributes of namespace {client.namespace} "
            f"({error.status.name}). Does the namespace exist, and may our key change it?"
        ) from error
    return [key.name for key in missing]


def _to_be_added(namespace: str, missing: Sequence[SearchAttributeKey[Any]]) -> str:
    typed = [(key.name, key.indexed_value_type.name.title()) for key in missing]
    of_the_cloud = " ".join(f'--sa "{name}={kind}"' for name, kind in typed)
    of_a_server = " ".join(f"--name {name} --type {kind}" for name, kind in typed)
    return (
        f"Temporal lets our key add no search attributes to namespace {namespace}, and "
        f"{len(missing)} of ours are missing. Have somebody add them who may. Temporal Cloud: "
        f"tcld namespace search-attributes add --namespace {namespace} {of_the_cloud} (or by hand, "
        "in the namespace's settings). A server of your own: temporal operator search-attribute "
        f"create --namespace {namespace} {of_a_server}. Then run python starter.py deploy again."
    )


async def add_search_attributes(client: Client, keys: Sequence[SearchAttributeKey[Any]]) -> None:
    """Add the attributes, which the namespace must not know yet."""
    await client.operator_service.add_search_attributes(
        AddSearchAttributesRequest(
            namespace=client.namespace,
            search_attributes={key.name: _INDEXED_AS[key.indexed_value_type] for key in keys},
        ),
        timeout=OPERATOR_TIMEOUT,
    )
