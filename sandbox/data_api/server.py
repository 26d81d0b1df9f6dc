"""How to run the data API."""

from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.data_api.install import HERE, install, node
from sandbox.probe import HOST, answers
from sandbox.program import Program


@dataclass(frozen=True)
class TrustedIssuer:
    """Whose user tokens the data API takes."""

    issuer: str
    jwks_url: str
    audience: str


def data_api(
    *,
    env: Mapping[str, str],
    port: int,
    database_url: str,
    secret_key: str,
    publishable_key: str,
    jwt_secret: str,
    trusted: TrustedIssuer | None,
    needs: tuple[str, ...] = (),
) -> Program:
    """The program of the data API.

    Args:
        env: what every program gets.
        port: on 127.0.0.1.
        database_url: as the login role `authenticator`, never as a superuser.
        secret_key: acts as service_role.
        publishable_key: acts as anon, or as the user whose token comes with it.
        jwt_secret: signs the legacy keys and legacy users' tokens (HS256).
        trusted: the issuer of users' tokens; None where there is none.
        needs: what must serve before it starts.
    """
    own = {
        "PORT": str(port),
        "DATABASE_URL": database_url,
        "SUPABASE_SECRET_KEY": secret_key,
        "SUPABASE_PUBLISHABLE_KEY": publishable_key,
        "JWT_SECRET": jwt_secret,
        "LITE_TELEMETRY": "0",
        "NODE_ENV": "production",
    }
    if trusted is not None:
        own["AUTH_ISSUER"] = trusted.issuer
        own["AUTH_JWKS_URL"] = trusted.jwks_url
        own["AUTH_AUDIENCE"] = trusted.audience
    return Program(
        name="data_api",
        argv=(str(node()), str(HERE / "server.mjs")),
        env={**env, **own},
        needs=needs,
        prepare=install,
        ready=lambda: answers(port, "/rest/v1/", {"apikey": secret_key}),
    )


def url(port: int) -> str:
    """What clients know as SUPABASE_URL."""
    return f"http://{HOST}:{port}"
