"""Where a program shows what it does: to Prometheus, and to who collects traces."""

from ipaddress import IPv4Address
from typing import Annotated

from pydantic import Field, IPvAnyAddress

from settings import Settings


class MetricsSettings(Settings):
    """Where a worker shows its figures to Prometheus: nowhere, unless a port is given."""

    metrics_port: Annotated[
        int | None,
        Field(ge=1, le=65534, description="port of the worker's metrics; its lanes use the next"),
    ] = None
    metrics_host: Annotated[
        IPvAnyAddress, Field(description="address to show the metrics on, as numbers")
    ] = IPv4Address("127.0.0.1")

    def address(self, above: int) -> str | None:
        """Where the process shows its own that is so many ports above; None for nowhere."""
        if self.metrics_port is None:
            return None
        host = f"[{self.metrics_host}]" if self.metrics_host.version == 6 else self.metrics_host  # noqa: PLR2004 - IPv6
        return f"{host}:{self.metrics_port + above}"
