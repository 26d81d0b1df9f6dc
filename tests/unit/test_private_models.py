import pkgutil
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from pydantic import BaseModel
from rich.pretty import pretty_repr

import domain
import gateways
import mcp_server

PERSONAL = {
    *("first_name", "last_name", "birth_date", "date_of_birth"),
    *("email", "email_address", "phone", "last4"),
    *("to", "subject", "text", "summary"),
    *("url", "fee_action_url", "token"),
}
"""Names of fields that hold what belongs to a person, or lets somebody act as one."""


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
    assert not printed
