"""The variables by which the programs find each other, and the file that tells others."""

import os
import shlex
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from sandbox import mandate_keys
from sandbox.complaint import SandboxError
from sandbox.data_api import server as data_api
from sandbox.issuer.address import issuer_url, jwks_url
from sandbox.keys import Keys
from sandbox.private import write_private
from sandbox.probe import HOST

FILE_NAME = "sandbox.env"

SANDBOX_ONLY = frozenset(
    {
        "BOOKEO_SIM_CONTROL_URL",
        "BOOKEO_SIM_CONTROL_TOKEN",
        "STRIPE_SIM_CONTROL_URL",
        "STRIPE_SIM_CONTROL_TOKEN",
        "MAIL_CATCHER_URL",
        "MCP_URL",
        "TEMPORAL_METRICS_URL",
    }
)
"""For tests and demonstrations; the application never sees them."""

_DATA_API = ("SUPABASE_URL", "SUPABASE_SERVICE_ROLE_KEY")
_VENDORS = ("STRIPE_SECRET_KEY", "STRIPE_API_BASE", "STRIPE_PRICE_ID", "BOOKEO_")
_SECRETS = (mandate_keys.VARIABLE, "FIELD_KEYS", "PAYLOAD_KEYS")
_COMMON = (
    *("TEMPORAL_", *_DATA_API, "SUPABASE_ANON_KEY", *_VENDORS, *_SECRETS),
    *("BUSINESS_TIME_ZONE", "PUBLIC_URL", "OTEL_"),
)

NEEDED_BY = {
    "deploy": ("TEMPORAL_", "PAYLOAD_KEYS", "DATABASE_URL", "BUSINESS_TIME_ZONE"),
    "worker": (*_COMMON, "SMTP_URL", "MAIL_FROM", "BACKUP_", "METRICS_", "WORKER_"),
    "mcp": (
        *_COMMON,
        *(
            "STRIPE_WEBHOOK_SECRET",
            "QUESTION_KEYS",
            "AUTH_ISSUER",
            "AUTH_JWKS_URL",
            "AUTH0_",
            "MCP_HOST",
            "MCP_PORT",
        ),
    ),
}
"""How the names of what each of our own programs needs begin."""

BACKUP_DATABASE_URL = "BACKUP_DATABASE_URL"
"""Where the address stands under which the worker reads for backups: it gets that as DATABASE_URL,
and not the owner's."""

OWN_KEYS = {"worker": "SUPABASE_WORKER_KEY", "mcp": "SUPABASE_WEB_KEY"}
"""Where a program's own key of the data API stands: it gets that as SUPABASE_SERVICE_ROLE_KEY."""

_ROLES = {"worker": "signupassist_worker", "mcp": "signupassist_web"}

_CONTRACT = (
    *("STRIPE_", "SUPABASE_", *SANDBOX_ONLY),
    *(beginning for beginnings in NEEDED_BY.values() for beginning in beginnings),
)


class BackupHome(NamedTuple):
    """Where backups come from, and where they go."""

    folder: Path
    database_url: str
    """As the role that reads for them."""


def variables(
    ports: Mapping[str, int],
    keys: Keys,
    database_url: str,
    backups: BackupHome | None = None,
) -> dict[str, str]:
    """Every variable of the sandbox. One that is already set in our own environment wins."""
    mcp_port = os.environ.get("MCP_PORT", str(ports["mcp"]))
    public_url = os.environ.get("PUBLIC_URL", f"http://{HOST}:{mcp_port}").rstrip("/")
    tenant = os.environ.get("AUTH0_DOMAIN")
    issuer = f"https://{tenant}/" if tenant else issuer_url(ports["issuer"])
    made_up = {
        "TEMPORAL_ADDRESS": f"{HOST}:{ports['temporal']}",
        "TEMPORAL_NAMESPACE": "default",
        "TEMPORAL_UI_URL": f"http://{HOST}:{ports['temporal_ui']}",
        "TEMPORAL_METRICS_URL": f"http://{HOST}:{ports['temporal_metrics']}/metrics",
        "SUPABASE_URL": data_api.url(ports["data_api"]),
        "SUPABASE_SERVICE_ROLE_KEY": keys.supabase_secret,
        "SUPABASE_ANON_KEY": keys.supabase_publishable,
        "DATABASE_URL": database_url,
        "STRIPE_SECRET_KEY": keys.stripe_secret,
        "STRIPE_WEBHOOK_SECRET": keys.stripe_webhook,
        "STRIPE_PRICE_ID": "price_signupassist_monthly",
        "STRIPE_API_BASE": f"http://{HOST}:{ports['stripe']}",
        "STRIPE_SIM_CONTROL_URL": f"http://{HOST}:{ports['stripe']}",
        "STRIPE_SIM_CONTROL_TOKEN": keys.stripe_control,
        "BOOKEO_API_KEY": keys.bookeo_api_key,
        "BOOKEO_API_KEY__NORTHSIDE": keys.bookeo_second_api_key,
        "BOOKEO_SECRET_KEY": keys.bookeo_secret_key,
        "BOOKEO_API_BASE": f"http://{HOST}:{ports['bookeo']}/v2",
        "BOOKEO_WEBHOOK_URL": f"{public_url}/webhooks/bookeo",
        "BOOKEO_SIM_CONTROL_URL": f"http://{HOST}:{ports['bookeo']}",
        "BOOKEO_SIM_CONTROL_TOKEN": keys.bookeo_control,
        "AUTH_ISSUER": issuer,
        "AUTH_JWKS_URL": jwks_url(issuer),
        "AUTH0_AUDIENCE": f"{public_url}/mcp",
        "MCP_HOST": HOST,
        "MCP_PORT": mcp_port,
        "MCP_URL": f"{public_url}/mcp",
        "PUBLIC_URL": public_url,
        "SMTP_URL": f"smtp://{HOST}:{ports['smtp']}",
        "MAIL_FROM": "signupassist@example.com",
        "MAIL_CATCHER_URL": f"http://{HOST}:{ports['mail']}",
        mandate_keys.VARIABLE: keys.mandate_signing,
        "QUESTION_KEYS": keys.question_sealing,
        "BUSINESS_TIME_ZONE": "America/New_York",
        "METRICS_PORT": str(ports["metrics"]),
    }
    given = _given()
    if backups is not None and "DATABASE_URL" not in given:
        made_up |= {
            BACKUP_DATABASE_URL: backups.database_url,
            "BACKUP_KEYS": keys.backup,
            "BACKUP_TARGET": f"folder:{backups.folder}",
        }
    if given.keys().isdisjoint(_DATA_API):
        # Tokens of our own data API say nothing to another, and a key that was given wins.
        made_up |= {name: keys.acting_as(_ROLES[program]) for program, name in OWN_KEYS.items()}
    if "SUPABASE_URL" not in given:
        # What another database keeps is not sealed with a key that may go with this folder.
        made_up["FIELD_KEYS"] = keys.people
    return {**made_up, **given}


def refuse_foreign_database(without: Iterable[str]) -> None:
    """Two databases at once are one too many: the migrations would go to the foreign one.

    Raises:
        SandboxError: DATABASE_URL is set, and this sandbox brings its own Postgres.
    """
    if "DATABASE_URL" in os.environ and not {"postgres", "data_api"} <= set(without):
        raise SandboxError(
            "DATABASE_URL is set in the environment, but this sandbox brings a Postgres of its "
            "own, and its migrations would go to yours. Unset it, or start the sandbox with "
            "--without postgres,data_api."
        )


def everybodys() -> dict[str, str]:
    """What any program gets: our environment without the variables of the contract."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_CONTRACT)}
    # What a program prints must be in its log when it is killed.
    return {**kept, "PYTHONUNBUFFERED": "1"}


def of_program(program: str, all_variables: Mapping[str, str]) -> dict[str, str]:
    """The whole environment of one of our own programs.

    Each acts in the database under its own role, and the web gets no key that signs mandates.
    """
    needed = NEEDED_BY[program]
    own = {
        name: value
        for name, value in all_variables.items()
        if name.startswith(needed) and name not in SANDBOX_ONLY
    }
    if key := all_variables.get(OWN_KEYS.get(program, "")):
        own["SUPABASE_SERVICE_ROLE_KEY"] = key
    if url := own.pop(BACKUP_DATABASE_URL, None):
        own["DATABASE_URL"] = url
    if program == "mcp" and own.get(mandate_keys.VARIABLE):
        own[mandate_keys.VARIABLE] = mandate_keys.public_only(own[mandate_keys.VARIABLE])
    return {**everybodys(), **own}


def ignore_given() -> None:
    """Drop from our own environment what would win over the made-up variables."""
    for name in _given():
        del os.environ[name]


def _given() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name.startswith(_CONTRACT)}


def write(folder: Path, all_variables: Mapping[str, str]) -> None:
    """Write them for others: one `NAME=value` a line, quoted as a shell reads it."""
    lines = [f"{name}={shlex.quote(value)}\n" for name, value in sorted(all_variables.items())]
    write_private(folder / FILE_NAME, "".join(lines))


def read(folder: Path) -> dict[str, str]:
    """The variables that a sandbox wrote into its data folder.

    Raises:
        SandboxError: no sandbox was started there.
    """
    file = folder / FILE_NAME
    if not file.exists():
        raise SandboxError(
            f"There is no {file}. Start the sandbox first: python -m sandbox up --data {folder}"
        )
    words = shlex.split(file.read_text())
    return dict(word.split("=", 1) for word in words)
