"""The issuer's two public documents, over HTTP."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from sandbox.issuer.address import CONFIGURATION_PATH, JWKS_PATH, issuer_url, jwks_url
from sandbox.issuer.signing_keys import ALGORITHM, SigningKeys


def application(keys: SigningKeys, port: int) -> Starlette:
    """The issuer's HTTP server. The folder is read per request, so a rotation shows at once."""

    def key_set(_: Request) -> JSONResponse:
        return JSONResponse(keys.published())

    def configuration(_: Request) -> JSONResponse:
        return JSONResponse(
            {
                "issuer": issuer_url(port),
                "jwks_uri": jwks_url(issuer_url(port)),
                "id_token_signing_alg_values_supported": [ALGORITHM],
                "response_types_supported": ["token"],
                "subject_types_supported": ["public"],
            }
        )

    return Starlette(routes=[Route(JWKS_PATH, key_set), Route(CONFIGURATION_PATH, configuration)])
