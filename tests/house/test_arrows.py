"""The arrows of the house: who may import whom."""

import subprocess
import sys
from pathlib import Path

from tests.house.tree import ROOT, imports, python_files, unit

VOCABULARY = {"domain"}
OUTSIDE = VOCABULARY | {"gateways", "concurrency"}
STEPS = OUTSIDE | {"activities"}
FLOW = STEPS | {"workflows"}
DOORS = FLOW | {
    *("settings", "backup_settings", "subscription_settings", "telemetry_settings"),
    *("connection", "front_door", "release"),
}

MAY_IMPORT = {
    "domain": set[str](),
    "concurrency": set[str](),
    "address_settings": set[str](),
    "key_settings": set[str](),
    "settings": {"address_settings", "key_settings"},
    "backup_settings": {"address_settings", "key_settings", "settings"},
    "subscription_settings": {"settings"},
    "telemetry_settings": {"settings", "address_settings"},
    "release": {"settings"},
    "logs": set[str](),
    "gateways": VOCABULARY,
    "activities": OUTSIDE,
    "workflows": STEPS,
    "telemetry": STEPS | {"telemetry_settings", "logs"},
    "connection": FLOW | {"settings", "backup_settings", "logs"},
    "front_door": FLOW,
    # The command line is the front door's second face: `python starter.py` hands over to it.
    "starter": DOORS | {"console"},
    "console": DOORS | {"starter", "logs"},
    "mcp_server": DOORS | {"starter", "logs", "telemetry"},
    "served": DOORS,
    "worker": DOORS | {"served", "logs", "supervisor", "telemetry"},
    # Both stay beside or before other programs and load nothing: not even each other.
    "supervisor": set[str](),
    "leash": set[str](),
    # The embedded world starts the programs as processes; it knows only their vocabulary.
    "sandbox": OUTSIDE | {"settings"},
    "bench": DOORS | {"starter", "sandbox"},
    "deploy": set[str](),
}

REAL_GATEWAYS = {
    "bookeo",
    "payload_codec",
    "postgres_migrations",
    "sealed_backups",
    "sealed_fields",
    "signed_mandates",
    "smtp_mail",
    "stationery",
    "stripe_payments",
    "supabase_records",
}

MAY_IMPORT_REAL_GATEWAYS = {
    Path("connection.py"): REAL_GATEWAYS - {"postgres_migrations"},
    Path("console/deploy.py"): {"postgres_migrations"},
    Path("sandbox/deploy.py"): {"postgres_migrations"},
    # A program that is given no keys still tells what is sealed from what is not.
    Path("gateways/supabase_records/client.py"): {"sealed_fields"},
    # Seeding writes programs as an operator would, through the same gateway.
    Path("sandbox/seed.py"): {"supabase_records"},
    # What is caught in memory is read in the words that a parent would read, and so is the gallery.
    Path("gateways/fakes/mail.py"): {"stationery"},
    Path("sandbox/mail_gallery/__init__.py"): {"stationery"},
    # Keys in one form, which one file alone reads.
    Path("sandbox/mandate_keys.py"): {"signed_mandates"},
}

VENDOR_SDKS = {
    "stripe",
    "supabase",
    "postgrest",
    "httpx",
    "psycopg",
    "aiosmtplib",
    "babel",
    "css_inline",
    "jinja2",
    "jwt",
    "cryptography",
    "storage3",
}

PRODUCT = [file for file in python_files() if unit(file) != "tests"]


def _ours(file: Path) -> set[str]:
    """Dotted names of ours that the file imports from outside its own unit."""
    return {
        name
        for name in imports(file)
        if (top := name.split(".")[0]) != unit(file) and top in MAY_IMPORT
    }


def _real_gateways(file: Path) -> set[str]:
    parts = [name.split(".") for name in imports(file) if name.startswith("gateways.")]
    return {part[1] for part in parts} & REAL_GATEWAYS


def test_every_package_has_its_place_in_the_arrows() -> None:
    assert {unit(file) for file in PRODUCT} <= set(MAY_IMPORT)


def test_imports_follow_the_arrows() -> None:
    against = {
        f"{file} imports {name}"
        for file in PRODUCT
        for name in _ours(file)
        if name.split(".")[0] not in MAY_IMPORT[unit(file)]
    }
    assert not against


def test_real_gateways_are_built_by_the_one_factory() -> None:
    elsewhere = {
        f"{file} imports gateways.{name}"
        for file in PRODUCT
        for name in _real_gateways(file) - MAY_IMPORT_REAL_GATEWAYS.get(file, set())
        if file.parts[:2] not in (("gateways", name), ("gateways", f"{name}.py"))
    }
    assert not elsewhere


def test_what_turns_values_into_payloads_is_made_in_one_place() -> None:
    """Tests included: a client without the keys could not read what the others write."""
    making = {
        str(file)
        for file in python_files()
        if any(name.startswith("temporalio.contrib.pydantic") for name in imports(file))
    }
    assert making == {"gateways/payload_codec.py"}


def test_fakes_stay_out_of_the_programs() -> None:
    using = {
        str(file)
        for file in PRODUCT
        if any(name.startswith("gateways.fakes") for name in imports(file))
    }
    assert all(file.startswith("gateways/fakes/") for file in using)


def test_the_workflows_reach_no_vendor() -> None:
    modules = [
        ".".join(file.with_suffix("").parts) for file in PRODUCT if unit(file) == "workflows"
    ]
    program = "import importlib, sys\n" + "".join(
        f"importlib.import_module({module!r})\n" for module in modules
    )
    loaded = subprocess.run(  # noqa: S603 - our own modules
        [sys.executable, "-c", f"{program}print(*sys.modules)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout.split()
    assert "workflows.registration" in loaded
    assert not {name.split(".")[0] for name in loaded} & VENDOR_SDKS
    assert not {name for name in loaded if name.split(".")[:2][-1] in REAL_GATEWAYS}
