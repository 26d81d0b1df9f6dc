"""The control client: what tests and operators say to a running simulator."""

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import httpx
from pydantic import BaseModel, ConfigDict

from gateways.shared_tls import shared_tls


class ControlError(Exception):
    """The control surface refused; the message says why."""


class LedgerEntry(BaseModel):
    """One request in the ledger. Times are epoch milliseconds with a fraction."""

    model_config = ConfigDict(frozen=True)

    id: int
    arrived_ms: float
    method: str
    path: str
    endpoint: str
    reference: str | None
    faults: tuple[str, ...]
    committed_ms: float | None
    """None: it changed nothing."""
    finished_ms: float | None
    """None: still under way, or cut short by the end of the process."""
    status: int | None
    answered: bool
    """Whether the whole answer was handed to the network."""


class Invariants(BaseModel):
    """Whether the simulator's promises hold."""

    model_config = ConfigDict(frozen=True)

    holds: bool
    violations: tuple[str, ...]


class SimulatorControl:
    """Speaks to `/_sim`. A context manager; raises ControlError where an answer is an error."""

    def __init__(self, base_url: str, token: str) -> None:
        self._client = httpx.Client(
            base_url=base_url,
            headers={"authorization": f"Bearer {token}"},
            timeout=60,
            trust_env=False,
            verify=shared_tls(),  # never used, but a context of its own would cost half a second
            # The simulator may be told to drop every connection: ours must not be met dead.
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the connection back."""
        self._client.close()

    def healthy(self) -> bool:
        """Whether the simulator answers. Needs no token."""
        try:
            return self._client.get("/_sim/health").is_success
        except httpx.TransportError:
            return False

    def add_fault(
        self,
        kind: str,
        *,
        endpoint: str = "*",
        reference: str = "*",
        skip: int = 0,
        remaining: int | None = 1,
        probability: float | None = None,
        seed: int = 1,
        **parameters: object,
    ) -> int:
        """Add a rule; `remaining=None` for no bound. Returns the rule's id."""
        rule = {
            "kind": kind,
            "endpoint": endpoint,
            "reference": reference,
            "skip": skip,
            "remaining": remaining,
            "probability": probability,
            "seed": seed,
            "parameters": parameters,
        }
        return self.post("/_sim/faults", rule)["id"]

    def faults(self) -> list[dict[str, Any]]:
        """Every rule, with how often it matched and applied."""
        return self.get("/_sim/faults")["faults"]

    def clear_faults(self, rule_id: int | None = None) -> None:
        """Remove one rule, or all."""
        self._ask("DELETE", "/_sim/faults" if rule_id is None else f"/_sim/faults/{rule_id}")

    def requests(self, reference: str | None = None, *, after_id: int = 0) -> list[LedgerEntry]:
        """The ledger, oldest first."""
        query = {"after_id": str(after_id)} | (
            {} if reference is None else {"reference": reference}
        )
        return [LedgerEntry(**row) for row in self.get("/_sim/requests", **query)["requests"]]

    def deliveries(self) -> list[dict[str, Any]]:
        """Every webhook delivery with its attempts and last status."""
        return self.get("/_sim/deliveries")["deliveries"]

    def invariants(self) -> Invariants:
        """Check the simulator's promises now."""
        return Invariants(**self.get("/_sim/invariants"))

    def reset(self) -> None:
        """Forget everything: state, ledger and faults."""
        self._ask("POST", "/_sim/reset")

    def get(self, path: str, **query: str) -> dict[str, Any]:
        """Read a vendor's own control path."""
        return self._ask("GET", path, query=query)

    def post(self, path: str, body: object) -> dict[str, Any]:
        """Write to a vendor's own control path."""
        return self._ask("POST", path, body=body)

    def _ask(
        self,
        method: str,
        path: str,
        *,
        body: object = None,
        query: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        answer = self._client.request(method, path, json=body, params=query)
        if answer.is_success:
            return answer.json() if answer.content else {}
        raise ControlError(f"{method} {path}: {answer.status_code} {answer.text}")
