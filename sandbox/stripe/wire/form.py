"""Form bodies and queries in Stripe's bracket notation."""

import re
from typing import Annotated, Any, TypeAlias, TypeVar, cast
from urllib.parse import parse_qsl

from pydantic import BeforeValidator

from sandbox.stripe.wire.refusals import invalid_request

Tree: TypeAlias = "dict[str, str | Tree]"

_KEY = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_PART = re.compile(r"\[([^\[\]]*)\]")


def parsed(text: str) -> Tree:
    """`a=1&b[c]=2&d[]=3` as `{"a": "1", "b": {"c": "2"}, "d": {"0": "3"}}`.

    Raises:
        Refusal: 400, a key is malformed or used both as a value and as a hash.
    """
    root: Tree = {}
    for key, value in parse_qsl(text, keep_blank_values=True):
        match = _KEY.fullmatch(key)
        if match is None:
            raise invalid_request(f"Invalid parameter name: {key[:40]}")
        _place(root, [match[1], *_PART.findall(match[2])], value)
    return root


def _place(root: Tree, path: list[str], value: str) -> None:
    node = root
    for step in path[:-1]:
        child = node.setdefault(step or str(len(node)), {})
        if isinstance(child, str):
            raise invalid_request(f"Invalid hash: {path[0]}", param=path[0])
        node = child
    last = path[-1] or str(len(node))
    if isinstance(node.get(last), dict):
        raise invalid_request(f"Invalid hash: {path[0]}", param=path[0])
    node[last] = value


def _listed(value: object) -> object:
    if not isinstance(value, dict):
        return value
    items = cast("dict[str, Any]", value)
    if not all(index.isdecimal() for index in items):
        return items
    return [items[index] for index in sorted(items, key=int)]


Item = TypeVar("Item")

Indexed = Annotated[tuple[Item, ...], BeforeValidator(_listed)]
"""An array: `name[0]=a&name[1]=b` or `name[]=a&name[]=b`."""


def _absent_when_empty(value: object) -> object:
    return None if value == "" else value


Clearable = Annotated[Item | None, BeforeValidator(_absent_when_empty)]
"""A value that an empty string unsets."""
