"""The arguments of the tools: what each must be, in words that a chat reads and errors repeat."""

import re
from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BeforeValidator, EmailStr, Field, Strict, StringConstraints

from domain.family import Locale, Name, Phone
from domain.money import Cents
from domain.programs import Ref
from domain.schedule_request import TimeText, ZoneName

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _only_a_day(value: object) -> object:
    """Dates are written out: a number or a time of day is not a day of birth."""
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise ValueError("not written year-month-day")
    return value


RegistrationId = Annotated[
    UUID, Field(description="the registration_id that another tool returned, a UUID")
]

OrgRef = Annotated[Ref, Field(description="org_ref of the program, as find_programs returned it")]
ProgramRef = Annotated[
    Ref, Field(description="program_ref of the program, as find_programs returned it")
]
EventId = Annotated[Ref, Field(description="event_id of the program, as find_programs returned it")]
OptionalOrgRef = Annotated[
    Ref | None, Field(description="org_ref of one organisation, to list only its programs")
]
SearchText = Annotated[
    Annotated[str, StringConstraints(max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")] | None,
    Field(description="words from the program's name, at most 100 characters"),
]

ChildIds = Annotated[
    list[UUID],
    Field(
        min_length=1,
        max_length=10,
        description="1 to 10 ids of children, as list_children returned them",
    ),
]
MaxTotal = Annotated[
    Cents,
    Strict(),
    Field(
        description="the most the parent will pay in all, program and success fee together, "
        "in cents: a whole number from 0 to 10000000"
    ),
]
AcceptedFee = Annotated[
    Cents,
    Strict(),
    Field(
        description="the success fee that the parent accepted, in cents: success_fee_cents "
        "of the draft"
    ),
]
SummaryDigest = Annotated[
    str,
    StringConstraints(max_length=128),
    Field(description="summary_digest of the draft, exactly as schedule_registration returned it"),
]

OpeningTime = Annotated[
    TimeText,
    Field(
        description="when registration opens, in ISO 8601: with its offset, such as "
        "2026-12-01T09:00:00-05:00, or as a wall time together with time_zone"
    ),
]
OptionalOpeningTime = Annotated[
    TimeText | None,
    Field(
        description="when registration opens, only if find_programs has no opens_at or the parent "
        "knows better: ISO 8601 with its offset, such as 2026-12-01T09:00:00-05:00, or a wall "
        "time together with time_zone"
    ),
]
OptionalZone = Annotated[
    ZoneName | None,
    Field(description="IANA name of the time zone of that time, such as America/New_York"),
]

FirstName = Annotated[Name, Field(description="first name, 1 to 80 characters")]
LastName = Annotated[Name, Field(description="last name, 1 to 80 characters")]
Email = Annotated[EmailStr, Field(max_length=254, description="mail address")]
PhoneNumber = Annotated[Phone, Field(description="telephone number, such as +1 212 555 0100")]
HomeLocale = Annotated[
    Locale | None,
    Field(
        description="how the parent is used to reading dates and amounts: language, underscore, "
        "country, such as en_US, en_GB or fr_CA"
    ),
]
HomeZone = Annotated[
    ZoneName | None,
    Field(description="IANA name of the time zone the parent lives in, such as America/New_York"),
]
BirthDate = Annotated[
    date,
    BeforeValidator(_only_a_day),
    Field(description="day of birth as year-month-day, such as 2017-03-09"),
]
