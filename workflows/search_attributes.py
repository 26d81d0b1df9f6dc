"""What a run can be found by. Registered by the deploy step; nothing personal.

Of a registration's own run they say where the row stands; of a run that has ended, how it left the
row. docs/web-ui.md says what each means, and asks with them.
"""

from datetime import datetime

from temporalio.common import SearchAttributeKey

FOUND_BY_REGISTRATION = "found-by-registration"
"""The patch since which a cancellation and a provider's notice can be found by the registration
that they are about. A registration's own run, and a review's, are started with it."""

REGISTRATION = SearchAttributeKey.for_keyword("SignupRegistration")
"""The id of the registration that a run is about, on every run about one."""
CODE = SearchAttributeKey.for_keyword("SignupCode")
"""The same by its code, which parents and operators say: `SCH-...`."""
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
    REGISTRATION,
    CODE,
    STATUS,
    FEE_STATUS,
    PROVIDER,
    ORGANISATION,
    SCHEDULED_TIME,
    LATENESS_MS,
    FAILURE_CODE,
)
