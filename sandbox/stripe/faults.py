"""Stripe's own ways to misbehave, beside the machinery's general ones."""

from typing import Annotated, ClassVar

from pydantic import Field

from sandbox.simulator.faults import FaultKind

ServerError = Annotated[int, Field(ge=500, le=599)]
Seconds = Annotated[float, Field(ge=0, le=3_600)]


class StoredError(FaultKind):
    """Stripe's own failure while it executes: a 5xx that is stored and replays under its key.

    With `charged` the work is done and stays, as a failure after the charge; without, nothing
    happened. The machinery's `error_before` and `error_after` are never stored.
    """

    kind: ClassVar[str] = "stored_error"
    status: ServerError = 500
    charged: bool = False


class TextError(FaultKind):
    """An error whose body is `{"error": "<text>"}`, as proxies write them.

    Not stored. With `committed` the work is done first, and its true answer stored.
    """

    kind: ClassVar[str] = "text_error"
    status: Annotated[int, Field(ge=400, le=599)] = 500
    text: str = "internal error"
    committed: bool = False


class WebhookDelay(FaultKind):
    """Webhooks leave late: `seconds`, plus up to `jitter_seconds`, which changes their order."""

    kind: ClassVar[str] = "webhook_delay"
    standing: ClassVar[bool] = True
    seconds: Seconds = 0
    jitter_seconds: Seconds = 0


class WebhookDuplicates(FaultKind):
    """Every webhook is sent `copies` times."""

    kind: ClassVar[str] = "webhook_duplicates"
    standing: ClassVar[bool] = True
    copies: Annotated[int, Field(ge=2, le=10)] = 2


class WebhookLoss(FaultKind):
    """No webhook is sent. The events exist and can be delivered by a control call."""

    kind: ClassVar[str] = "webhook_loss"
    standing: ClassVar[bool] = True


KINDS: tuple[type[FaultKind], ...] = (
    StoredError,
    TextError,
    WebhookDelay,
    WebhookDuplicates,
    WebhookLoss,
)
