"""The surroundings of one request's work: its transaction, its clock, its key."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sandbox.simulator.store import Transaction
from sandbox.stripe import records
from sandbox.stripe.records import R
from sandbox.stripe.wire.refusals import missing


@dataclass(frozen=True, slots=True)
class Work:
    """Handed to everything that reads or changes the account."""

    tx: Transaction
    now: int
    """Unix seconds by the provider's clock."""
    base_url: str = ""
    """Where the hosted pages are, without a trailing slash."""
    path: Mapping[str, str] = field(default_factory=dict[str, str])
    """What the request's path names."""
    request_id: str | None = None
    """None for work that no request asked for."""
    idempotency_key: str | None = None
    key_expires_at: int = 0
    """Unix seconds; when the idempotency key of this request will be forgotten."""

    def save(self, record: R) -> R:
        """Store the object as it is now; returns it."""
        records.save(self.tx, record)
        return record

    def named(self, kind: type[R]) -> R:
        """The object that the request's path names as `{id}`.

        Raises:
            Refusal: 404, there is none.
        """
        identifier = self.path["id"]
        record = records.found(self.tx, kind, identifier)
        if record is None:
            raise missing(records.name_of(kind), identifier, param="id", status=404)
        return record

    def get(self, kind: type[R], identifier: str, *, param: str) -> R:
        """The object that a parameter names.

        Raises:
            Refusal: 400, there is none.
        """
        record = records.found(self.tx, kind, identifier)
        if record is None:
            raise missing(records.name_of(kind), identifier, param=param)
        return record

    def find(self, kind: type[R], identifier: str) -> R | None:
        """The object, or None."""
        return records.found(self.tx, kind, identifier)
