"""What a run about a registration can be found by from its first moment."""

from typing import Any

from temporalio.common import SearchAttributePair, TypedSearchAttributes

from domain.registrations import Registration
from workflows import search_attributes as attributes


def found_by(row: Registration) -> TypedSearchAttributes:
    """The row as it stands when its run begins; the run keeps it true from then on."""
    pairs: list[SearchAttributePair[Any]] = [
        SearchAttributePair(attributes.REGISTRATION, str(row.id)),
        SearchAttributePair(attributes.CODE, row.code),
        SearchAttributePair(attributes.PROVIDER, row.provider),
        SearchAttributePair(attributes.ORGANISATION, row.org_ref),
        SearchAttributePair(attributes.STATUS, row.status.value),
        SearchAttributePair(attributes.FEE_STATUS, row.fee_status.value),
        SearchAttributePair(attributes.SCHEDULED_TIME, row.scheduled_time),
    ]
    if row.lateness_ms is not None:
        pairs.append(SearchAttributePair(attributes.LATENESS_MS, row.lateness_ms))
    if row.failure_code is not None:
        pairs.append(SearchAttributePair(attributes.FAILURE_CODE, row.failure_code.value))
    return TypedSearchAttributes(pairs)
