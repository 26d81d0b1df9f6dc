"""Where the issuer is found, and by which name its tokens call it."""

from sandbox.probe import HOST

JWKS_PATH = "/.well-known/jwks.json"
CONFIGURATION_PATH = "/.well-known/openid-configuration"


def issuer_url(port: int) -> str:
    """The `iss` of its tokens, with a slash at the end as Auth0's has."""
    return f"http://{HOST}:{port}/"


def jwks_url(issuer: str) -> str:
    """Where an issuer of that name publishes its keys; Auth0 uses the same path."""
    return issuer.rstrip("/") + JWKS_PATH
