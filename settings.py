"""What the environment must say, and to whom: each program reads only its own part."""

from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    EmailStr,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

from address_settings import HostName, HttpAddress, SmtpAddress
from key_settings import (
    PROJECTS_OWN,
    EncryptionKeys,
    MandateKeys,
    QuestionKeys,
    first_signs,
    role_of,
)


class SettingsError(Exception):
    """The environment is incomplete. The message names each variable and what it is for."""


class Settings(BaseSettings):
    """Variables of the environment, each under its own name."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", hide_input_in_errors=True, env_ignore_empty=True
    )

    @classmethod
    def load(cls) -> Self:
        """Read the environment.

        Raises:
            SettingsError: a variable is missing or malformed; all are named at once.
        """
        try:
            return cls()
        except ValidationError as invalid:
            raise SettingsError(_explained(cls, invalid)) from None


class RecordsSettings(Settings):
    """The database, through its data API."""

    supabase_url: Annotated[HttpAddress, Field(description="address of the Supabase project")]
    supabase_service_role_key: Annotated[
        SecretStr, Field(min_length=1, description="key with which the program calls the database")
    ]

    field_keys: Annotated[
        EncryptionKeys | None,
        Field(description="keys of people's fields, NAME:KEY; the first seals, all open"),
    ] = None

    # Last, because its validator looks at the key.
    supabase_anon_key: Annotated[
        SecretStr | None,
        Field(
            validate_default=True,
            description="the project's public key (sb_publishable_…), which goes with a program's "
            "own token",
        ),
    ] = None

    @field_validator("supabase_anon_key")
    @classmethod
    def _goes_with_a_token(cls, public: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        key: SecretStr | None = info.data.get("supabase_service_role_key")
        if public is None and key is not None and role_of(key) not in PROJECTS_OWN:
            raise PydanticCustomError("missing", "a program's own token does not go alone")
        return public

    @property
    def role(self) -> str:
        """The role of the database that the key acts as: a program's own, or SERVICE_ROLE."""
        return role_of(self.supabase_service_role_key)

    @property
    def beside(self) -> SecretStr | None:
        """What Supabase wants as `apikey` beside the key; None for the key itself.

        Its gateway knows the project's own keys and no token that somebody signed for a role:
        https://supabase.com/docs/guides/auth/signing-keys
        """
        return None if self.role in PROJECTS_OWN else self.supabase_anon_key


class PaymentSettings(Settings):
    """Stripe."""

    stripe_secret_key: Annotated[
        SecretStr, Field(min_length=1, description="Stripe's secret key, for cards and the fee")
    ]
    stripe_api_base: Annotated[
        HttpAddress | None, Field(description="address of a Stripe stand-in; unset for Stripe")
    ] = None


class MandateSettings(Settings):
    """The keys of mandates, for a program that does without: it makes no link to approve a fee."""

    mandate_signing_keys: Annotated[
        MandateKeys | None, Field(description="keys that verify mandates, NAME:pub:KEY each")
    ] = None


class VerifyingSettings(Settings):
    """The same, for whoever must verify mandates."""

    mandate_signing_keys: Annotated[
        MandateKeys,
        Field(description="keys of mandates, NAME:SEED or NAME:pub:KEY, separated by commas"),
    ]


class SigningSettings(Settings):
    """The same, for whoever signs mandates: with the first."""

    mandate_signing_keys: Annotated[
        MandateKeys,
        AfterValidator(first_signs),
        Field(description="keys of mandates, NAME:SEED; the first signs, all verify"),
    ]


class PayloadSettings(Settings):
    """With which keys Temporal's payloads are encrypted: with none, unless they are given."""

    payload_keys: Annotated[
        EncryptionKeys | None,
        Field(description="keys of Temporal's payloads, NAME:KEY; the first encrypts, all decrypt"),
    ] = None


class BookingSettings(Settings):
    """Bookeo."""

    bookeo_secret_key: Annotated[
        SecretStr, Field(min_length=1, description="Bookeo's key of our application")
    ]
    bookeo_api_key: Annotated[
        SecretStr, Field(min_length=1, description="Bookeo's key of the default business account")
    ]
    bookeo_api_base: Annotated[
        HttpAddress, Field(pattern=r"/v2$", description="Bookeo's API address, ending in /v2")
    ] = "https://api.bookeo.com/v2"


class WebhookSettings(Settings):
    """Where Bookeo tells of changes: nowhere, unless the address is given."""

    bookeo_webhook_url: Annotated[
        str | None,
        Field(
            pattern=r"^https?://\S+$",
            description="address registered at Bookeo for its webhooks, exactly as registered",
        ),
    ] = None


class MailSettings(Settings):
    """The way out for letters."""

    smtp_url: Annotated[
        SmtpAddress, Field(description="mail server, smtp://user:password@host:port or smtps://…")
    ]
    mail_from: Annotated[EmailStr, Field(description="address that letters come from")]


class AuthSettings(Settings):
    """Whose tokens the MCP server believes: an Auth0 tenant, or another issuer."""

    auth0_audience: Annotated[
        str, Field(min_length=1, description="audience of the tokens: the public /mcp address")
    ]
    auth_issuer: Annotated[
        str | None, Field(description="exact issuer of the tokens, where it is not Auth0")
    ] = None
    auth_jwks_url: Annotated[
        HttpAddress | None, Field(description="where that issuer publishes its keys")
    ] = None

    # Last, because its validator looks at the two above.
    auth0_domain: Annotated[
        str | None,
        Field(
            validate_default=True,
            description="the Auth0 tenant whose tokens are believed; or set AUTH_ISSUER and "
            "AUTH_JWKS_URL for another issuer",
        ),
    ] = None

    @field_validator("auth0_domain")
    @classmethod
    def _somebody_is_believed(cls, domain: str | None, info: ValidationInfo) -> str | None:
        if domain or (info.data.get("auth_issuer") and info.data.get("auth_jwks_url")):
            return domain
        raise PydanticCustomError("missing", "no issuer is given")

    @property
    def issuer(self) -> str:
        """The exact `iss` a token must carry; Auth0's ends in a slash."""
        return self.auth_issuer or f"https://{self.auth0_domain}/"

    @property
    def jwks_url(self) -> str:
        """Where the issuer's keys are."""
        return self.auth_jwks_url or f"https://{self.auth0_domain}/.well-known/jwks.json"


class ServerSettings(Settings):
    """Where the MCP server listens, the name it is known by, and how it asks a parent once more."""

    mcp_host: Annotated[str, Field(description="address to listen on")] = "127.0.0.1"
    mcp_port: Annotated[int, Field(ge=1, le=65535, description="port to listen on")] = 8000
    public_url: Annotated[HttpAddress, Field(description="address that clients use, without /mcp")]
    probe_host: Annotated[HostName | None, Field(description="name a probe knows us by")] = None
    question_keys: Annotated[
        QuestionKeys | None,
        Field(description="keys of the question before a confirm: the first seals it, all open"),
    ] = None


class FrontDoorSettings(Settings):
    """What the pages of others are told to return to."""

    public_url: Annotated[
        HttpAddress, Field(description="address of our own pages, which others' return to")
    ] = "http://127.0.0.1:8000"


class WebUiSettings(Settings):
    """Where a person looks at workflows."""

    temporal_ui_url: Annotated[
        HttpAddress | None,
        Field(description="address of Temporal's Web UI, for links to runs and for its page"),
    ] = None
    temporal_namespace: Annotated[
        str, Field(min_length=1, description="Temporal's namespace, part of the links")
    ] = "default"


class ScheduleSettings(Settings):
    """Where the business is, for what recurs at its wall times."""

    business_time_zone: Annotated[
        ZoneInfo, Field(description="the business's IANA time zone, such as America/New_York")
    ] = ZoneInfo("UTC")


class DeploySettings(Settings):
    """Only the deploy step touches the database directly."""

    database_url: Annotated[
        SecretStr, Field(min_length=1, description="Postgres itself, for migrations only")
    ]


def _explained(cls: type[BaseSettings], invalid: ValidationError) -> str:
    lines: list[str] = []
    for error in invalid.errors(include_input=False, include_url=False):
        name = str(error["loc"][0]) if error["loc"] else "environment"
        purpose = cls.model_fields[name].description if name in cls.model_fields else None
        state = "is missing" if error["type"] == "missing" else f"is malformed ({error['msg']})"
        lines.append(f"{name.upper()} {state}: {purpose or 'see .env.example'}.")
    return "\n".join(lines)
