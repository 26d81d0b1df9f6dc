import pkgutil
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from pydantic import BaseModel
from rich.pretty import pretty_repr

import domain
import gateways
import mcp_server
from settings import (
    BookingSettings,
    DeploySettings,
    MailSettings,
    PaymentSettings,
    RecordsSettings,
    SigningSettings,
)

PERSONAL = {
    *("first_name", "last_name", "birth_date", "date_of_birth"),
    *("email", "email_address", "phone", "last4"),
    *("to", "subject", "text", "summary"),
    *("url", "fee_action_url", "token"),
}
"""Names of fields that hold what belongs to a person, or lets somebody act as one."""

OF_NOBODY = {"RunWords.summary"}
"""What the Web UI says of a run: by its code, and no person (`tests/web_ui`)."""


def _models(base: type[BaseModel] = BaseModel) -> Iterator[type[BaseModel]]:
    for model in base.__subclasses__():
        if model.__module__.split(".")[0] in {"domain", "gateways", "mcp_server"}:
            yield model
        yield from _models(model)


def test_no_model_prints_what_belongs_to_a_person() -> None:
    for package in (domain, gateways, mcp_server):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__"):
                import_module(module.name)
    asked, printed = 0, set[str]()
    for model in _models():
        for name in model.model_fields.keys() & PERSONAL:
            asked += 1
            known: dict[str, Any] = {name: "Zebedee"}
            value = model.model_construct(**known)
            if "Zebedee" in f"{value!r} {value} {pretty_repr(value)}":
                printed.add(f"{model.__name__}.{name}")
    assert asked > len(PERSONAL)
    assert printed <= OF_NOBODY


def test_no_settings_print_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    seed = "Zebedee".ljust(43, "x")
    keys = {
        **dict.fromkeys(("SUPABASE_SERVICE_ROLE_KEY", "STRIPE_SECRET_KEY"), seed),
        **dict.fromkeys(("BOOKEO_SECRET_KEY", "BOOKEO_API_KEY"), seed),
        "MANDATE_SIGNING_KEYS": f"2026a:{seed}",
        "SMTP_URL": f"smtps://us:{seed}@mail.example.com",
        "DATABASE_URL": f"postgresql://us:{seed}@db.example.com/postgres",
    }
    for name, value in {**keys, "SUPABASE_URL": "https://db.example.com"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("MAIL_FROM", "us@example.com")
    parts = (RecordsSettings, PaymentSettings, BookingSettings, SigningSettings)
    for part in (*parts, MailSettings, DeploySettings):
        loaded = part.load()
        assert keys.keys() & {name.upper() for name in part.model_fields}
        assert "Zebedee" not in f"{loaded!r} {loaded} {pretty_repr(loaded)}"
