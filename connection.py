"""How the programs reach the outside: the Temporal client and the one factory of gateways."""

import asyncio
import os
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from pydantic import SecretStr
from temporalio.client import Client, Plugin
from temporalio.converter import PayloadCodec
from temporalio.envconfig import ClientConfig, ClientConnectConfig
from temporalio.runtime import Runtime, TelemetryConfig
from temporalio.service import RPCError

from backup_settings import BackupSettings, MakingSettings, OpeningSettings
from domain.errors import WorkflowsUnreachable
from gateways import BackupArchive, BookingProviders, Fields, Mail, Mandates, Payments, Records
from gateways.bookeo import BookeoAccounts
from gateways.no_backups import NoBackups
from gateways.payload_codec import data_converter
from gateways.sealed_fields import SealedFields
from gateways.signed_mandates import SignedMandates
from gateways.smtp_mail import SmtpMail
from gateways.stationery import words
from gateways.stripe_payments import StripePayments
from gateways.supabase_records import SupabaseRecords
from logs.temporal import CORE_LOG
from settings import (
    BookingSettings,
    MailSettings,
    MandateSettings,
    PayloadSettings,
    PaymentSettings,
    RecordsSettings,
    SettingsError,
    SigningSettings,
    VerifyingSettings,
)

ACCOUNT_KEY_PREFIX = "BOOKEO_API_KEY__"
"""`BOOKEO_API_KEY__NORTH` is the key of the account whose `credentials_ref` is `north`."""


CONNECT_WITHIN = timedelta(seconds=10)
"""The SDK alone would wait half a minute for a server that takes the call and says nothing."""


@cache
def _runtime() -> Runtime:
    """Made once, when first needed: it has threads of its own."""
    return Runtime(telemetry=TelemetryConfig(logging=CORE_LOG))


async def connect_temporal(
    runtime: Runtime | None = None, plugins: Sequence[Plugin] = ()
) -> Client:
    """The Temporal client, with the one converter that every payload goes through.

    Args:
        runtime: what the SDK runs in, metrics included; None for the one that all share.
        plugins: what the client and its workers do besides, such as traces.

    Raises:
        SettingsError: TEMPORAL_ADDRESS is missing, or a TEMPORAL_* variable or PAYLOAD_KEYS is
            malformed.
        WorkflowsUnreachable: Temporal did not answer at TEMPORAL_ADDRESS.
    """
    config = temporal_config()
    converter = data_converter(PayloadSettings.load().payload_keys)
    try:
        async with asyncio.timeout(CONNECT_WITHIN.total_seconds()):
            return await Client.connect(
                **config,
                data_converter=converter,
                runtime=runtime or _runtime(),
                plugins=plugins,
            )
    except (RPCError, RuntimeError, TimeoutError) as error:
        raise WorkflowsUnreachable(
            f"Temporal does not answer at {config.get('target_host')}. "
            "Is it running, and is TEMPORAL_ADDRESS right?"
        ) from error
    except ValueError as malformed:
        raise _malformed_temporal(malformed) from malformed


def temporal_config() -> ClientConnectConfig:
    """How Temporal is reached; asks nobody.

    Raises:
        SettingsError: TEMPORAL_ADDRESS is missing, or a TEMPORAL_* variable is malformed.
    """
    try:
        config = ClientConfig.load_client_connect_config()
    except (RuntimeError, ValueError, OSError) as malformed:
        raise _malformed_temporal(malformed) from malformed
    if not config.get("target_host"):
        raise SettingsError("TEMPORAL_ADDRESS is missing: address of Temporal, as host:port.")
    return config


def _malformed_temporal(error: Exception) -> SettingsError:
    # The SDK's own words may quote a key; its type tells as much as can be told safely.
    return SettingsError(
        f"A TEMPORAL_* variable is malformed ({type(error).__name__}): TEMPORAL_ADDRESS is "
        "host:port, TEMPORAL_PROFILE one of TEMPORAL_CONFIG_FILE, and the TEMPORAL_TLS_*_PATH "
        "files must exist."
    )


@dataclass(frozen=True)
class Gateways:
    """The outside of one program."""

    records: Records
    providers: BookingProviders
    payments: Payments
    mandates: Mandates


async def open_records(stack: AsyncExitStack) -> Records:
    """The database, closed with the stack."""
    settings = RecordsSettings.load()
    beside = settings.beside
    records = await SupabaseRecords.connect(
        settings.supabase_url,
        settings.supabase_service_role_key.get_secret_value(),
        api_key=beside.get_secret_value() if beside is not None else None,
        fields=SealedFields(settings.field_keys),
    )
    stack.push_async_callback(records.aclose)
    return records


def open_payments(stack: AsyncExitStack) -> Payments:
    """The payment service, closed with the stack; asks nothing yet."""
    settings = PaymentSettings.load()
    payments = StripePayments(settings.stripe_secret_key, api_base=settings.stripe_api_base)
    stack.push_async_callback(payments.aclose)
    return payments


def open_providers(stack: AsyncExitStack) -> BookingProviders:
    """The accounts at the booking provider, closed with the stack; asks nothing yet."""
    settings = BookingSettings.load()
    providers = BookeoAccounts(
        api_base=settings.bookeo_api_base,
        secret_key=settings.bookeo_secret_key,
        api_keys=_account_keys(settings),
    )
    stack.push_async_callback(providers.aclose)
    return providers


@asynccontextmanager
async def open_gateways(*, signing: bool = False) -> AsyncGenerator[Gateways]:
    """The real gateways, closed at the end.

    Args:
        signing: for a program that signs mandates, and so needs the keys.

    Raises:
        SettingsError: the environment is incomplete; every variable is named at once.
    """
    keys = SigningSettings if signing else MandateSettings
    check_complete(RecordsSettings.load, PaymentSettings.load, BookingSettings.load, keys.load)
    mandates = SignedMandates(keys.load().mandate_signing_keys)
    async with AsyncExitStack() as stack:
        records = await open_records(stack)
        yield Gateways(records, open_providers(stack), open_payments(stack), mandates)


def open_mandates(*, signing: bool) -> Mandates:
    """The keys of mandates alone, for whoever cannot do without them.

    Raises:
        SettingsError: they are missing or malformed, or the first signs none where it must.
    """
    keys = SigningSettings if signing else VerifyingSettings
    return SignedMandates(keys.load().mandate_signing_keys)


def open_fields() -> Fields:
    """The keys of people's fields, as far as any are given.

    Raises:
        SettingsError: FIELD_KEYS, or what leads to the database, is missing or malformed.
    """
    return SealedFields(RecordsSettings.load().field_keys)


def open_payload_codec() -> PayloadCodec | None:
    """What reads and encrypts Temporal's payloads; None where no keys are given.

    Raises:
        SettingsError: PAYLOAD_KEYS is malformed.
    """
    keys = PayloadSettings.load().payload_keys
    return data_converter(keys).payload_codec if keys is not None else None


def open_mail() -> Mail:
    """The way out for letters."""
    settings = MailSettings.load()
    return SmtpMail(settings.smtp_url, settings.mail_from, words)


def open_backups(stack: AsyncExitStack, settings: BackupSettings) -> BackupArchive:
    """The backups, closed with the stack; asks nothing yet.

    What the settings do not give, such as a key, is asked for by name when it is needed.
    """
    # The driver and the bucket's client take half a second to load: only where they are needed.
    from gateways.sealed_backups import (  # noqa: PLC0415
        BackupKeys,
        FolderTarget,
        PostgresSource,
        SealedBackups,
        StorageTarget,
    )

    keys = BackupKeys(settings.backup_keys) if isinstance(settings, OpeningSettings) else None
    source = PostgresSource(settings.database_url) if isinstance(settings, MakingSettings) else None
    if settings.folder is not None:
        return SealedBackups(FolderTarget(settings.folder), keys, source)
    target = StorageTarget(settings.storage_url, settings.storage_key, settings.bucket)
    stack.push_async_callback(target.aclose)
    return SealedBackups(target, keys, source)


def open_own_backups(stack: AsyncExitStack) -> BackupArchive:
    """What a worker makes backups with; where its environment says nothing of it, it refuses to.

    Raises:
        SettingsError: the environment says something of it, and not all.
    """
    given = MakingSettings.load_if_given()
    return open_backups(stack, given) if given is not None else NoBackups()


def check_complete(*loads: Callable[[], object]) -> None:
    """Load each.

    Raises:
        SettingsError: a variable is missing or malformed; all are named at once.
    """
    faults: list[str] = []
    for load in loads:
        try:
            load()
        except SettingsError as incomplete:
            faults.append(str(incomplete))
    if faults:
        raise SettingsError("\n".join(faults))


def _account_keys(booking: BookingSettings) -> dict[str, SecretStr]:
    others = {
        name.removeprefix(ACCOUNT_KEY_PREFIX).lower(): SecretStr(key)
        for name, key in os.environ.items()
        if name.startswith(ACCOUNT_KEY_PREFIX) and key
    }
    return {"default": booking.bookeo_api_key, **others}
