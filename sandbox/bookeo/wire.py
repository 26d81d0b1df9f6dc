"""What clients write: the request bodies, as Bookeo reads them."""

from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic.alias_generators import to_camel

from sandbox.simulator.answer import Refused
from sandbox.simulator.control_surface import explained
from sandbox.simulator.vendor import Call

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
ExternalRef = Annotated[str, StringConstraints(max_length=64, pattern=r"^[\x20-\x7e]*$")]
"""At most 64 ASCII characters."""

SELF, NEW, UNKNOWN = "PSELF", "PNEW", "PUNKNOWN"
"""Person ids with a meaning: the customer, a person to be created, nobody in particular."""


class Written(BaseModel):
    """A body or a part of one: camel case on the wire, unknown fields ignored."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", alias_generator=to_camel, populate_by_name=True
    )


class PhoneNumber(Written):
    """One number of a person."""

    number: str
    type: Literal["mobile", "work", "home", "fax"]


class Reachable(Written):
    """What customers and linked people have in common."""

    first_name: Name
    email_address: str | None = None
    phone_numbers: tuple[PhoneNumber, ...] = ()
    date_of_birth: str | None = None


class PersonBody(Reachable):
    """A linked person, or the details of a participant."""

    last_name: Name | None = None


class CustomerBody(Reachable):
    """A customer."""

    last_name: Name


class PeopleNumber(Written):
    """How many of one people category."""

    people_category_id: str
    number: Annotated[int, Field(ge=0, le=1000)]


class ParticipantDetail(Written):
    """Who one participant is."""

    person_id: str
    people_category_id: str
    category_index: Annotated[int, Field(ge=1)]
    person_details: PersonBody | None = None


class Participants(Written):
    """Everybody who comes."""

    numbers: Annotated[tuple[PeopleNumber, ...], Field(min_length=1)]
    details: tuple[ParticipantDetail, ...] = ()


class BookingBody(Written):
    """A booking or a hold."""

    product_id: str
    event_id: str | None = None
    participants: Participants
    customer_id: str | None = None
    customer: CustomerBody | None = None
    external_ref: ExternalRef | None = None
    options: tuple[dict[str, Any], ...] = ()


class SlotSearch(Written):
    """The search for slots with room for a party."""

    product_id: str
    start_time: str
    end_time: str
    people_numbers: Annotated[tuple[PeopleNumber, ...], Field(min_length=1)]


class WebhookBody(Written):
    """A webhook registration."""

    url: str
    domain: Literal["bookings", "customers", "payments", "seatblocks", "resources"]
    type: Literal["created", "updated", "deleted"]


B = TypeVar("B", bound=Written)


def read(call: Call, body: type[B]) -> B:
    """The request's body.

    Raises:
        Refused: 400, not that kind of body.
    """
    try:
        return body.model_validate(call.json_object())
    except ValidationError as invalid:
        raise Refused(400, explained(invalid)) from invalid


def written(body: Written) -> dict[str, Any]:
    """A body as it goes onto the wire again."""
    return body.model_dump(by_alias=True, exclude_none=True, mode="json")


def flag(call: Call, name: str, *, default: bool = False) -> bool:
    """A boolean query parameter.

    Raises:
        Refused: 400, neither true nor false.
    """
    text = call.request.query_params.get(name)
    if text is None:
        return default
    if text.lower() not in ("true", "false"):
        raise Refused(400, f"{name} must be true or false.")
    return text.lower() == "true"
