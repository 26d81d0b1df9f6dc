"""The faults that only Bookeo shows. What is unpublished about it is a knob here."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from sandbox.simulator.fault_kinds import Milliseconds
from sandbox.simulator.faults import FaultKind

Refusal = Literal[400, 403, 409, 422]
Count = Annotated[int, Field(ge=1, le=100_000)]


class RefusalStatus(FaultKind):
    """Which status says that the window is not open, that it is full, that it has closed."""

    kind: ClassVar[str] = "refusal_status"
    not_open: Refusal = 400
    full: Refusal = 400
    closed: Refusal = 400


class BodyForm(FaultKind):
    """Whether a 201 carries the whole object or only its Location."""

    kind: ClassVar[str] = "body_form"
    form: Literal["full", "location_only"] = "location_only"


class DelayedCommit(FaultKind):
    """POST /bookings answers `status` now; the booking is made `after_ms` later.

    Where it cannot be made then, nobody is told.
    """

    kind: ClassVar[str] = "delayed_commit"
    after_ms: Milliseconds
    status: Annotated[int, Field(ge=500, le=599)] = 504


class ReadLag(FaultKind):
    """Reads of bookings and customers show the state of `ms` ago, as another region would."""

    kind: ClassVar[str] = "read_lag"
    ms: Milliseconds


class OpenJitter(FaultKind):
    """The window opens late by `min_ms` to `max_ms`: once drawn per event, or for each call."""

    kind: ClassVar[str] = "open_jitter"
    min_ms: Milliseconds = 0
    max_ms: Milliseconds
    per_call: bool = False


class Rivals(FaultKind):
    """Others book too: `count` arrivals, drawn evenly over the first `within_ms` of the window.

    Each takes `seats` if they are free. They stand in the account's bookings like any other.
    """

    kind: ClassVar[str] = "rivals"
    standing: ClassVar[bool] = True
    event_id: str = "*"
    count: Count
    within_ms: Milliseconds
    seats: Count = 1


class CapacityFlap(FaultKind):
    """`withhold` seats vanish for `period_ms`, come back for as long, vanish again, and so on.

    Starts with the rule. None withholds all free seats.
    """

    kind: ClassVar[str] = "capacity_flap"
    standing: ClassVar[bool] = True
    event_id: str = "*"
    withhold: Count | None = None
    period_ms: Annotated[float, Field(gt=0, le=600_000)]


class ProviderCancels(FaultKind):
    """The business cancels the booking `after_ms` after it was made."""

    kind: ClassVar[str] = "provider_cancels"
    after_ms: Milliseconds = 0


class PendingApproval(FaultKind):
    """The booking is made with `accepted: false`, whatever its product says."""

    kind: ClassVar[str] = "pending_approval"


class PriceSurcharge(FaultKind):
    """The booking costs `cents` more than its rates say."""

    kind: ClassVar[str] = "price_surcharge"
    cents: Annotated[int, Field(ge=1, le=10_000_000)]


class HoldReleaseLag(FaultKind):
    """The seats of a deleted hold come back only `ms` later."""

    kind: ClassVar[str] = "hold_release_lag"
    ms: Milliseconds


class HideFullSlots(FaultKind):
    """Slots without a free seat are not listed, instead of being listed with 0."""

    kind: ClassVar[str] = "hide_full_slots"


BOOKEO: tuple[type[FaultKind], ...] = (
    RefusalStatus,
    BodyForm,
    DelayedCommit,
    ReadLag,
    OpenJitter,
    Rivals,
    CapacityFlap,
    ProviderCancels,
    PendingApproval,
    PriceSurcharge,
    HoldReleaseLag,
    HideFullSlots,
)
