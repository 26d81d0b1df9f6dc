"""Bad calls of the methods for tasks."""

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from tests.hostile.blows import Outcome, judged
from tests.hostile.drawing import JSON, NASTY, TEXTS
from tests.hostile.speech import envelope, sent, spoken
from tests.hostile.target import Target
from tests.mcp_server.waiting import METHODS, TASKS

KIND = "bad calls of tasks"


@dataclass(frozen=True)
class TaskCall:
    """A call for another's task, for none, or for nothing that could be one."""

    target: Target
    method: str
    params: dict[str, Any]
    declared: bool = True
    modern: bool = True

    async def land(self) -> Outcome:
        """It has to be refused with an error, for the attacker has no task."""
        said = envelope(extensions={TASKS: {}}) if self.declared else envelope()
        params = {"_meta": said, **self.params}
        body, headers = spoken(next(self.target.tokens), self.method, params, modern=self.modern)
        status, text, fault = await sent(self.target.http, body, headers)
        return judged(KIND, status, fault or self._taken(text))

    def _taken(self, text: str) -> str:
        refused = not text or '"error":{' in text
        return "" if refused else f"{self.method} took {str(self.params)[:300]}: {text[:200]}"


def task_calls(target: Target) -> st.SearchStrategy[TaskCall]:
    """A call of any of them, mostly one that is well formed."""
    plausible = st.sampled_from(target.anothers) | st.uuids().map(str)
    ids = plausible | plausible | TEXTS | JSON | st.sampled_from(NASTY)
    params = st.fixed_dictionaries(
        {},
        optional={
            "taskId": ids,
            "inputResponses": st.just(dict[str, Any]()) | JSON,
            "status": JSON,
            "_meta": JSON,
        },
    )
    well_formed = st.fixed_dictionaries(
        {"taskId": plausible, "inputResponses": st.just(dict[str, Any]())}
    )
    mostly = st.sampled_from([True, True, True, False])
    return st.builds(
        TaskCall,
        st.just(target),
        st.sampled_from(METHODS),
        well_formed | params,
        mostly,
        mostly,
    )
