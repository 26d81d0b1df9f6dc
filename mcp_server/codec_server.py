"""Temporal's codec server: here its Web UI and command line have payloads read and encrypted.

https://docs.temporal.io/codec-server. Both addresses take and answer `{"payloads": [...]}`, which
is protobuf's own JSON. Off unless payload keys are given.
"""

from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import urlsplit

import structlog
from google.protobuf.json_format import MessageToJson, Parse, ParseError
from mcp.server.auth.middleware.bearer_auth import BearerAuthBackend, RequireAuthMiddleware
from mcp.server.auth.provider import TokenVerifier
from pydantic import AnyHttpUrl
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.status import HTTP_400_BAD_REQUEST, HTTP_403_FORBIDDEN
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.converter import PayloadCodec

from domain.errors import PayloadError

PATH = "/codec"

PERMISSION = "payloads:decode"
"""What a token must grant, among its scopes or its permissions, whichever way it asks."""

SENT_BY_THE_UI = ("authorization", "content-type", "x-namespace")
"""The headers that the Web UI sends from its page to this server."""

Work = Callable[[Sequence[Payload]], Awaitable[list[Payload]]]

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class CodecServer:
    """The two addresses, `/decode` and `/encode`.

    Args of construction:
        codec: what reads and encrypts.
        ui_url: address of Temporal's Web UI, whose page alone may ask; None for no page at all.
            A program that is no page, such as the `temporal` command, asks without an origin.
    """

    def __init__(self, codec: PayloadCodec, ui_url: str | None) -> None:
        self._codec = codec
        self._origins = [_origin(ui_url)] if ui_url else []

    def app(self, tokens: TokenVerifier, resource_metadata_url: AnyHttpUrl) -> Starlette:
        """The application, to be mounted at PATH.

        400: no payloads of that form, or one that cannot be read; the sentence names its key.
        401: no good token. 403: not that permission, or from another page.
        """
        return Starlette(
            routes=[
                Route("/decode", self._endpoint("decode", self._codec.decode), methods=["POST"]),
                Route("/encode", self._endpoint("encode", self._codec.encode), methods=["POST"]),
            ],
            middleware=[
                # First, so that the page is shown the refusals too.
                Middleware(
                    CORSMiddleware,
                    allow_origins=self._origins,
                    allow_methods=["POST"],
                    allow_headers=SENT_BY_THE_UI,
                ),
                Middleware(AuthenticationMiddleware, backend=BearerAuthBackend(tokens)),
                Middleware(
                    RequireAuthMiddleware,
                    required_scopes=[PERMISSION],
                    resource_metadata_url=resource_metadata_url,
                ),
            ],
        )

    def _endpoint(self, what: str, work: Work) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            origin = request.headers.get("origin")
            if origin is not None and origin not in self._origins:
                return _refused(what, HTTP_403_FORBIDDEN, "Only Temporal's Web UI may ask.")
            try:
                asked = Parse(await request.body(), Payloads(), ignore_unknown_fields=True)
                answer = Payloads(payloads=await work(asked.payloads))
            except PayloadError as error:
                return _refused(what, HTTP_400_BAD_REQUEST, str(error))
            except (ParseError, ValueError):
                # Their own words may quote the body.
                return _refused(what, HTTP_400_BAD_REQUEST, "These are no payloads.")
            _log.info("codec_call", what=what, outcome="ok", payloads=len(asked.payloads))
            return Response(
                MessageToJson(answer, indent=None),
                media_type="application/json",
                headers={"Cache-Control": "no-store"},
            )

        return endpoint


def _refused(what: str, status: int, sentence: str) -> Response:
    _log.warning("codec_call", what=what, outcome="refused", status=status, why=sentence)
    return JSONResponse({"message": sentence}, status_code=status)


def _origin(url: str) -> str:
    """The address without its path, as a browser names the page that asks."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
