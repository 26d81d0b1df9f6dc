"""The web application: health and pages, and the MCP app mounted beside them."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig
from mcp.server.auth.routes import build_resource_metadata_url
from mcp.server.auth.settings import AuthSettings as ResourceServer
from mcp.server.transport_security import TransportSecuritySettings
from pydantic import AnyHttpUrl
from starlette.middleware import Middleware

from mcp_server.api import DESCRIPTION
from mcp_server.api.guard import Guarded
from mcp_server.api.subscriptions import subscription_routes
from mcp_server.asking import sealing
from mcp_server.bookeo_signature import BookeoSignature
from mcp_server.calls import ToolCalls
from mcp_server.challenge import ScopedChallenge
from mcp_server.codec_server import PATH as CODEC_PATH
from mcp_server.codec_server import CodecServer
from mcp_server.health import health_routes
from mcp_server.identity import Callers
from mcp_server.keys import SigningKeys
from mcp_server.limits import Limits
from mcp_server.limits.bodies import WholeBodies
from mcp_server.limits.in_flight import InFlight
from mcp_server.limits.known_names import KnownNames
from mcp_server.limits.turned_away import ANYWHERE, TurnedAway
from mcp_server.limits.users import OnlyPosts, PerUser, UserShares
from mcp_server.pages import page_routes
from mcp_server.request_lines import RequestLines
from mcp_server.stripe_signature import StripeSignature
from mcp_server.stripe_webhooks import stripe_webhook_routes
from mcp_server.tasks.extension import RegistrationTasks
from mcp_server.tokens import SCOPE, BearerTokens
from mcp_server.tools import every_tool
from mcp_server.webhooks import webhook_routes
from settings import AuthSettings, ServerSettings
from starter import FrontDoor

WITHOUT_ITS_OWN = TelemetryConfig(tracing=False, metrics=False, logs=False, auto_configure=False)
"""FastAPI would tell paths, queries and the words of errors; the MCP SDK tells each call's name."""


def build_app(
    door: FrontDoor,
    auth: AuthSettings,
    listening: ServerSettings,
    webhooks: BookeoSignature | None = None,
    codec: CodecServer | None = None,
    limits: Limits | None = None,
    stripe: StripeSignature | None = None,
) -> FastAPI:
    """The application over a front door; it is ready once its lifespan has been entered.

    Without `webhooks` none of Bookeo's is taken, without `stripe` none of Stripe's; without `codec`
    nobody has Temporal's payloads read here.
    """
    limits = limits or Limits()
    names = _known_names(listening)
    keys = SigningKeys(auth.jwks_url)
    tokens = BearerTokens(auth.issuer, auth.auth0_audience, keys)
    callers, shares = Callers(door), UserShares(limits)
    metadata = build_resource_metadata_url(AnyHttpUrl(f"{listening.public_url}/mcp"))
    tools = every_tool(door, asks=listening.question_keys is not None)
    calls = ToolCalls(
        tools,
        callers,
        _resource_server(auth, listening),
        tokens,
        sealing(listening.question_keys),
        [RegistrationTasks(door.registrations, door.changes, callers, tools)],
    )
    # Stateless: any replica answers any request, and a restart loses no session.
    mcp_app = calls.streamable_http_app(
        json_response=True,
        stateless_http=True,
        transport_security=names,
    )
    mcp_app.user_middleware += [Middleware(PerUser, shares), Middleware(OnlyPosts)]

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncGenerator[None]:
        async with calls.session_manager.run():
            yield
        await keys.aclose()

    app = FastAPI(
        title="SignupAssist",
        lifespan=lifespan,
        docs_url=None,
        openapi_url=DESCRIPTION,
        redoc_url=None,
        telemetry=WITHOUT_ITS_OWN,
        responses={
            code: {"model": TurnedAway, "description": words} for code, words in ANYWHERE.items()
        },
    )
    # The last one added is the first to look.
    app.add_middleware(Guarded, tokens, metadata, shares)
    app.add_middleware(InFlight, limits.in_flight)
    app.add_middleware(WholeBodies, limits.body_bytes, limits.body_within)
    bookeo = {webhooks.host} if webhooks else set[str]()
    known = frozenset(names.allowed_hosts) | bookeo
    app.add_middleware(KnownNames, known, listening.probe_host)
    app.include_router(health_routes(door))
    app.include_router(page_routes(listening.public_url))
    app.include_router(webhook_routes(door.notices, webhooks))
    app.include_router(stripe_webhook_routes(door.stripe_notices, stripe))
    app.include_router(subscription_routes(door.subscriptions, callers))
    if codec is not None:
        app.mount(CODEC_PATH, codec.app(tokens, metadata))
    app.mount("/", ScopedChallenge(mcp_app, SCOPE))
    app.add_middleware(RequestLines)
    return app


def _resource_server(auth: AuthSettings, listening: ServerSettings) -> ResourceServer:
    return ResourceServer(
        issuer_url=AnyHttpUrl(auth.issuer),
        resource_server_url=AnyHttpUrl(f"{listening.public_url}/mcp"),
        required_scopes=[SCOPE],
        # BearerTokens has already compared the audience, with the configured one.
        validate_token_resource=False,
    )


def _known_names(listening: ServerSettings) -> TransportSecuritySettings:
    """The names we are reached by. Any other `Host` is a rebound name, answered with 421."""
    public = urlsplit(listening.public_url)
    host = f"[{listening.mcp_host}]" if ":" in listening.mcp_host else listening.mcp_host
    local = [f"{name}:{listening.mcp_port}" for name in (host, "127.0.0.1", "localhost")]
    return TransportSecuritySettings(
        allowed_hosts=[public.netloc, *local],
        allowed_origins=[
            f"{public.scheme}://{public.netloc}",
            *(f"http://{name}" for name in local),
        ],
    )
