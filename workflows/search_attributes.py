"""What a run can be found by. Registered by the deploy step; nothing personal."""

from datetime import datetime

from temporalio.common import SearchAttributeKey

STATUS = SearchAttributeKey.for_keyword("SignupStatus")
FEE_STATUS = SearchAttributeKey.for_keyword("SignupFeeStatus")
PROVIDER = SearchAttributeKey.for_keyword("SignupProvider")
ORGANISATION = SearchAttributeKey.for_keyword("SignupOrganisation")
SCHEDULED_TIME: SearchAttributeKey[datetime] = SearchAttributeKey.for_datetime(
    "SignupScheduledTime"
)
LATENESS_MS = SearchAttributeKey.for_int("SignupLatenessMs")
FAILURE_CODE = SearchAttributeKey.for_keyword("SignupFailureCode")

SEARCH_ATTRIBUTES = (
    STATUS,
    FEE_STATUS,
    PROVIDER,
    ORGANISATION,
    SCHEDULED_TIME,
    LATENESS_MS,
    FAILURE_CODE,
)
