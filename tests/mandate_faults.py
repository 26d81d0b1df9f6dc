"""What can be wrong with a mandate, each done to the rows of a registration."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import SecretStr

from domain.mandates import MandateClaims, Use, claims_for
from gateways.fakes.records import InMemoryRecords
from gateways.signed_mandates import KIND, SignedMandates
from tests.mandates import MANDATES, seed

Spoil = Callable[[InMemoryRecords, UUID, Use], None]
"""Breaks the mandate of that registration for what is about to be done."""

STRANGER = SignedMandates(SecretStr(f"test:{seed(8)}"))
"""Whoever has no key of ours signs with one of the same name."""


def claims(records: InMemoryRecords, registration_id: UUID) -> MandateClaims:
    """What its rows say."""
    mandate = records.mandates[registration_id]
    return claims_for(records.assemble(registration_id), mandate.id, mandate.valid_until)


def alter(records: InMemoryRecords, registration_id: UUID, **changes: object) -> None:
    """Write into the mandate's row."""
    mandate = records.mandates[registration_id]
    records.mandates[registration_id] = mandate.model_copy(update=changes)


def payload_of(token: SecretStr) -> dict[str, Any]:
    return json.loads(urlsafe_b64decode(token.get_secret_value().split(".")[1] + "=="))


def with_payload(token: SecretStr, payload: dict[str, Any]) -> SecretStr:
    """The token with other claims under the signature that it had."""
    header, _, signature = token.get_secret_value().split(".")
    return SecretStr(f"{header}.{_part(payload)}.{signature}")


def _part(value: dict[str, Any]) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _unsigned(records: InMemoryRecords, registration_id: UUID, _use: Use) -> None:
    alter(records, registration_id, token=None)


def _by_another_key(records: InMemoryRecords, registration_id: UUID, _use: Use) -> None:
    alter(records, registration_id, token=STRANGER.sign(claims(records, registration_id)))


def _raised_cap(records: InMemoryRecords, registration_id: UUID, _use: Use) -> None:
    """Rows and claims alike: the signature alone is old."""
    cap = records.rows[registration_id].max_total_cents + 10_000
    row = records.rows[registration_id]
    records.rows[registration_id] = row.model_copy(update={"max_total_cents": cap})
    token = records.mandates[registration_id].token
    assert token is not None
    altered = with_payload(token, payload_of(token) | {"max_total_cents": cap})
    alter(records, registration_id, max_total_cents=cap, token=altered)


def _higher_fee(records: InMemoryRecords, registration_id: UUID, _use: Use) -> None:
    """Still within the cap, so that nothing but the signature stands against it."""
    row = records.rows[registration_id]
    records.rows[registration_id] = row.model_copy(update={"success_fee_cents": 2_500})


def _no_algorithm(records: InMemoryRecords, registration_id: UUID, _use: Use) -> None:
    said = claims(records, registration_id).model_dump(mode="json")
    header = {"alg": "none", "kid": "test", "typ": KIND}
    alter(records, registration_id, token=SecretStr(f"{_part(header)}.{_part(said)}."))


def _public_key_as_secret(records: InMemoryRecords, registration_id: UUID, _use: Use) -> None:
    public = Ed25519PrivateKey.from_private_bytes(bytes([7]) * 32).public_key()
    token = jwt.encode(
        claims(records, registration_id).model_dump(mode="json"),
        public.public_bytes_raw(),
        algorithm="HS256",
        headers={"kid": "test", "typ": KIND},
    )
    alter(records, registration_id, token=SecretStr(token))


def _expired(records: InMemoryRecords, registration_id: UUID, _use: Use) -> None:
    alter(records, registration_id, valid_until=records.now() - timedelta(seconds=1))
    alter(records, registration_id, token=MANDATES.sign(claims(records, registration_id)))


def _withdrawn(records: InMemoryRecords, registration_id: UUID, _use: Use) -> None:
    alter(records, registration_id, revoked_at=records.now())


def _used(records: InMemoryRecords, registration_id: UUID, use: Use) -> None:
    """It has served its booking already; or, before a charge, has served none."""
    used_at = records.now() if use is Use.BOOKING else None
    alter(records, registration_id, used_at=used_at)


def _signed_for(**other: object) -> Spoil:
    """Signed by us, for something else."""

    def spoil(records: InMemoryRecords, registration_id: UUID, _use: Use) -> None:
        said = claims(records, registration_id).model_copy(update=other)
        alter(records, registration_id, token=MANDATES.sign(said))

    return spoil


def _rows_moved(**changes: object) -> Spoil:
    """Both rows were written to; the token is the one that the parent's confirm made."""

    def spoil(records: InMemoryRecords, registration_id: UUID, _use: Use) -> None:
        row = records.rows[registration_id]
        records.rows[registration_id] = row.model_copy(update=changes)
        alter(records, registration_id, **changes)

    return spoil


FAULTS: dict[str, Spoil] = {
    "not signed": _unsigned,
    "signed by another key": _by_another_key,
    "altered under its signature": _raised_cap,
    "without an algorithm": _no_algorithm,
    "signed with the public key": _public_key_as_secret,
    "expired": _expired,
    "withdrawn": _withdrawn,
    "used, or not yet": _used,
    "of another user": _signed_for(sub=uuid4()),
    "of another registration": _signed_for(registration_id=uuid4()),
    "of another organiser": _signed_for(org_ref="elsewhere"),
    "for another program": _signed_for(program_ref="prod2"),
    "for another event": _signed_for(event_id="event2"),
    "for other children": _signed_for(child_ids=(uuid4(),)),
    "for less money": _signed_for(max_total_cents=1),
    "in another currency": _signed_for(currency="EUR"),
    "rows of a higher cap": _rows_moved(max_total_cents=90_000),
    "a row of a higher fee": _higher_fee,
    "rows of another event": _rows_moved(event_id="event2"),
}
