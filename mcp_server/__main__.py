"""`python -m mcp_server`: serve until SIGTERM."""

import asyncio
import signal
import socket
import sys
from collections.abc import Generator
from contextlib import contextmanager

import structlog
import uvicorn

import logs
from connection import open_payload_codec
from domain.errors import WorkflowsUnreachable
from mcp_server.app import build_app
from mcp_server.bookeo_signature import BookeoSignature
from mcp_server.codec_server import CodecServer
from mcp_server.limits.connections import configured
from mcp_server.stripe_signature import StripeSignature
from mcp_server.tools import every_tool
from settings import (
    AuthSettings,
    BookingSettings,
    FrontDoorSettings,
    MandateSettings,
    PayloadSettings,
    PaymentSettings,
    RecordsSettings,
    ServerSettings,
    SettingsError,
    WebhookSettings,
    WebUiSettings,
)
from starter import open_front_door
from subscription_settings import SubscriptionSettings
from telemetry.tracing import traced
from telemetry_settings import TracingSettings

_NEEDED = (
    ServerSettings,
    AuthSettings,
    RecordsSettings,
    PaymentSettings,
    BookingSettings,
    MandateSettings,
    FrontDoorSettings,
    WebhookSettings,
    PayloadSettings,
    WebUiSettings,
    SubscriptionSettings,
    TracingSettings,
)

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class _Server(uvicorn.Server):
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, and say so."""
        await super().startup(sockets)
        _log.info("mcp_ready", address=f"{self.config.host}:{self.config.port}")

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Stop at a signal, and let the program end in order.

        Uvicorn's own version raises the signal again at the end, which would cut off the
        clean-up that follows.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield


def check_settings() -> None:
    """Read everything this program needs before anything starts.

    Raises:
        SettingsError: names every variable that is missing or malformed, in all parts at once.
    """
    complaints: list[str] = []
    for part in _NEEDED:
        try:
            part.load()
        except SettingsError as error:
            complaints.append(str(error))
    if complaints:
        raise SettingsError("\n".join(dict.fromkeys("\n".join(complaints).splitlines())))


async def serve() -> None:
    """Serve until SIGTERM or SIGINT; calls at work are finished first."""
    auth, listening = AuthSettings.load(), ServerSettings.load()
    webhook_url = WebhookSettings.load().bookeo_webhook_url
    bookeo = (
        BookeoSignature(BookingSettings.load().bookeo_secret_key, webhook_url)
        if webhook_url is not None
        else None
    )
    secret = SubscriptionSettings.load().stripe_webhook_secret
    stripe = StripeSignature(secret) if secret is not None else None
    payloads = open_payload_codec()
    codec = CodecServer(payloads, WebUiSettings.load().temporal_ui_url) if payloads else None
    with traced("signupassist-mcp") as tracing:
        async with open_front_door(tracing.plugins) as door:
            tracing.tools.update(tool.name for tool in every_tool(door, asks=False))
            config = configured(
                build_app(door, auth, listening, bookeo, codec, stripe=stripe),
                host=listening.mcp_host,
                port=listening.mcp_port,
            )
            await _Server(config).serve()


def main() -> int:
    """The exit code: 0 after a signal, 1 when Temporal does not answer, 2 for bad settings."""
    logs.configure()
    try:
        check_settings()
        asyncio.run(serve())
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except WorkflowsUnreachable as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except Exception:  # noqa: BLE001 - Python's own traceback would print what the bug met
        _log.exception("crashed")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
