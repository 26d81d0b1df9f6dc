"""`expand[]=setup_intent.payment_method`: ids replaced by the objects they name."""

from collections.abc import Sequence
from typing import Any, cast

from sandbox.stripe.records import Record
from sandbox.stripe.wire.refusals import Refusal, invalid_request
from sandbox.stripe.work import Work

DEEPEST = 4


def expanded(
    work: Work, value: dict[str, Any], paths: Sequence[str], kinds: Sequence[type[Record]]
) -> dict[str, Any]:
    """The value with what those dotted paths name in full. The value itself is changed.

    Raises:
        Refusal: 400, a path is too deep or names nothing that can be expanded.
    """
    for path in paths:
        steps = path.split(".")
        if len(steps) > DEEPEST:
            raise invalid_request(
                f"You cannot expand more than {DEEPEST} levels of a property.", param="expand"
            )
        _expand(work, value, steps, path, kinds)
    return value


def _expand(
    work: Work, node: dict[str, Any], steps: Sequence[str], path: str, kinds: Sequence[type[Record]]
) -> None:
    step, *rest = steps
    if step not in node:
        raise _refusal(path)
    child: object = node[step]
    if isinstance(child, str):
        child = _object(work, child, kinds)
        if child is None:
            raise _refusal(path)
        node[step] = child
    if not rest or not isinstance(child, dict | list):
        return
    nested = cast("list[dict[str, Any]]", [child] if isinstance(child, dict) else child)
    for item in nested:
        _expand(work, item, rest, path, kinds)


def _object(work: Work, identifier: str, kinds: Sequence[type[Record]]) -> dict[str, Any] | None:
    for kind in kinds:
        record = work.find(kind, identifier)
        if record is not None:
            return record.wire()
    return None


def _refusal(path: str) -> Refusal:
    return invalid_request(f"This property cannot be expanded ({path[:80]}).", param="expand")
