"""Where a program shows what it does: to Prometheus, and to who collects traces."""

from ipaddress import IPv4Address
from typing import Annotated

from pydantic import Field, IPvAnyAddress, SecretStr

from address_settings import HttpAddress
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


class TracingSettings(Settings):
    """Who collects traces: nobody, unless an address is given.

    OpenTelemetry's own variables, of which its exporter reads the headers, and others, itself.
    """

    otel_exporter_otlp_endpoint: Annotated[
        HttpAddress | None,
        Field(description="address of a collector of traces, without /v1/traces; unset for none"),
    ] = None
    otel_exporter_otlp_headers: Annotated[
        SecretStr | None, Field(description="headers for that collector, NAME=VALUE, with its key")
    ] = None
