"""The HTTP interface beside the chat tools, after its own description of itself."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import requests
import schemathesis
from hypothesis import strategies as st
from schemathesis.core.failures import FailureGroup

from tests.hostile.blows import Outcome, judged
from tests.hostile.target import ANSWER_WITHIN_S, Target

KIND = "the HTTP interface"


@dataclass(frozen=True)
class Request:
    """A request that fits the description, or that breaks it somewhere."""

    target: Target
    case: Any
    """A case of schemathesis, whose types are half generic."""

    async def land(self) -> Outcome:
        """The answer must be one that the description announces."""
        return await asyncio.to_thread(self._land)

    def _land(self) -> Outcome:
        with requests.Session() as session:
            answer = self.case.call(
                self.target.world.base, session, timeout=ANSWER_WITHIN_S, allow_redirects=False
            )
        try:
            self.case.validate_response(answer)
        except FailureGroup as faults:
            told = "; ".join(str(fault) for fault in faults.exceptions)
            return judged(KIND, answer.status_code, f"{self.case.method} {self.case.path}: {told}")
        return judged(KIND, answer.status_code)


def requests_to(target: Target) -> st.SearchStrategy[Request]:
    """Requests to any path that is described; twice as many bad as good ones."""
    modes = schemathesis.GenerationMode
    strategies: list[st.SearchStrategy[Any]] = [
        operation.as_strategy(generation_mode=mode)
        for operation in _operations(target)
        for mode in (modes.NEGATIVE, modes.NEGATIVE, modes.POSITIVE)
    ]
    return st.one_of(strategies).map(lambda case: Request(target, case))


def _operations(target: Target) -> Iterator[Any]:
    described: Any = schemathesis.openapi.from_dict(target.world.app.openapi())
    for found in described.get_all_operations():
        yield found.ok()
