"""Where traces end: they begin at our door, and go no further than our own programs."""

from opentelemetry.context import Context
from opentelemetry.propagators.textmap import (
    CarrierT,
    Getter,
    Setter,
    TextMapPropagator,
    default_getter,
    default_setter,
)


class Border(TextMapPropagator):
    """Takes no trace from a request, and puts none into one.

    What a chat sends along would get into histories, where it may be anything; vendors have no
    use for ours. Temporal's plugin has a way of its own, and needs this one for nothing.
    """

    def extract(
        self,
        carrier: CarrierT,  # noqa: ARG002 - the SDK's signature, as are the rest
        context: Context | None = None,
        getter: Getter[CarrierT] = default_getter,  # noqa: ARG002
    ) -> Context:
        """Nothing new."""
        return context if context is not None else Context()

    def inject(
        self,
        carrier: CarrierT,
        context: Context | None = None,
        setter: Setter[CarrierT] = default_setter,
    ) -> None:
        """Nothing."""

    @property
    def fields(self) -> set[str]:
        """None."""
        return set()
