"""Every way in which something outside can be broken, for one registration at a time.

Those of the simulators are taken from their own lists, so that a new one joins by itself.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bench.provider import credentials
from domain.identifiers import external_ref, fee_key
from sandbox.bookeo.faults import BOOKEO
from sandbox.mail.faults import MailFaultKind
from sandbox.simulator.fault_kinds import GENERIC, RefuseConnections
from sandbox.simulator.faults import FaultKind
from sandbox.stripe.faults import KINDS
from tests.chaos.case import Case
from tests.chaos.data_api_proxy import CONTROL, DataApiFault
from tests.chaos.evidence import SEND
from tests.chaos.outside import Outside

PAY = "POST /v1/payment_intents"

CHOSEN: Mapping[str, object] = {
    "ms": 1_500,
    "after_ms": 1_500,
    "min_ms": 100,
    "max_ms": 900,
    "period_ms": 400,
    "count": 12,
    "within_ms": 300,
    "cents": 200_000,
    "seconds": 2,
    "copies": 2,
}
"""What a kind of fault that must be told something is told, by the name of its parameter. Each
is over well within the quiet period."""

READS = "bookeo_reads"
MOST_READS = 3


@dataclass(frozen=True)
class Knob(ABC):
    """One fault."""

    name: str

    @abstractmethod
    async def turn(self, case: Case, outside: Outside) -> None:
        """Have the case meet it."""


@dataclass(frozen=True)
class _Simulated(Knob):
    """A fault of a simulator: of the one call that counts, or of all that the account reads."""

    vendor: str
    kind: type[FaultKind]

    async def turn(self, case: Case, outside: Outside) -> None:
        simulator = outside.stripe if self.vendor == "stripe" else outside.bookeo
        rule = {"kind": self.kind.kind, **self._met_by(case), **self._parameters(case)}
        await outside.afflict(simulator, rule, passes=self.kind.standing)

    def _met_by(self, case: Case) -> dict[str, Any]:
        account = f"account:{credentials(case.account)}"
        match self.vendor, self.kind.kind:
            case ("bookeo", "read_lag" | "hide_full_slots" | "hold_release_lag"):
                return {"endpoint": "*", "reference": account, "remaining": None}
            case "bookeo", _:
                return {"endpoint": SEND, "reference": external_ref(case.id)}
            case "stripe", _:
                return {"endpoint": PAY, "reference": fee_key(case.id, 1)}
            case _:
                return {"endpoint": "GET *", "reference": account, "remaining": MOST_READS}

    def _parameters(self, case: Case) -> dict[str, Any]:
        fields = self.kind.model_fields
        told = {name: CHOSEN[name] for name, one in fields.items() if one.is_required()}
        if "event_id" in fields:
            told["event_id"] = case.program.event_id
        if self.kind is RefuseConnections:
            told["in_seconds"] = max(case.opens_in_s - 1, 0)
        return told


@dataclass(frozen=True)
class _DataApi(Knob):
    kind: DataApiFault

    async def turn(self, case: Case, outside: Outside) -> None:
        told = {"registration_id": str(case.id), "kind": self.kind}
        (await outside.data_api.post(CONTROL, json=told)).raise_for_status()


@dataclass(frozen=True)
class _Smtp(Knob):
    kind: MailFaultKind

    async def turn(self, case: Case, outside: Outside) -> None:
        told = {"recipient": case.family.email, "kind": self.kind}
        (await outside.mail.post("/faults", json=told)).raise_for_status()


def knobs() -> list[Knob]:
    """All of them, in a stable order."""
    vendors: list[tuple[str, tuple[type[FaultKind], ...]]] = [
        ("bookeo", (*GENERIC, *BOOKEO)),
        (READS, tuple(kind for kind in GENERIC if not kind.standing)),
        ("stripe", (*GENERIC, *KINDS)),
    ]
    return [
        *(
            _Simulated(f"{vendor}.{kind.kind}", vendor, kind)
            for vendor, kinds in vendors
            for kind in kinds
        ),
        *(_DataApi(f"data_api.{kind}", kind) for kind in DataApiFault),
        *(_Smtp(f"smtp.{kind}", kind) for kind in MailFaultKind),
    ]
