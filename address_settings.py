"""Addresses as the environment gives them."""

from typing import Annotated

from pydantic import (
    AfterValidator,
    AnyUrl,
    BeforeValidator,
    Field,
    HttpUrl,
    SecretStr,
    TypeAdapter,
    UrlConstraints,
)


def _plain(url: object) -> str:
    return str(HttpUrl(str(url))).rstrip("/")


HttpAddress = Annotated[str, BeforeValidator(_plain)]
"""An http or https address, without a slash at its end."""

HostName = Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]+(:\d+)?$")]
"""What a request names as `Host`: a name, with a port where it is not the scheme's own."""

_SMTP_URL: TypeAdapter[AnyUrl] = TypeAdapter(
    Annotated[AnyUrl, UrlConstraints(allowed_schemes=["smtp", "smtps"])]
)


def _smtp(secret: SecretStr) -> SecretStr:
    _SMTP_URL.validate_python(secret.get_secret_value())
    return secret


SmtpAddress = Annotated[SecretStr, AfterValidator(_smtp)]
"""An SMTP address, kept secret because it may hold a password."""
