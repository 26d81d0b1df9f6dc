"""Mandates signed with a key that only tests know."""

from base64 import urlsafe_b64encode
from datetime import datetime

from pydantic import SecretStr

from domain.contracts import Standing
from domain.identifiers import mandate_id
from domain.mandates import claims_for
from domain.registrations import Registration
from gateways.protocols.records import Records
from gateways.signed_mandates import SignedMandates


def seed(number: int) -> str:
    """The seed of a key of one's own."""
    return urlsafe_b64encode(bytes([number]) * 32).rstrip(b"=").decode()


KEYS = SecretStr(f"test:{seed(7)}")
MANDATES = SignedMandates(KEYS)


async def confirmed(
    records: Records, row: Registration, valid_until: datetime, operation_key: str
) -> Standing:
    """The confirm as its activity writes it, with a mandate that is signed."""
    permission = mandate_id(row.id, operation_key)
    claims = claims_for(await records.dossier(row.id), permission, valid_until)
    return await records.confirm(
        row.id, row.version, valid_until, operation_key, permission, MANDATES.sign(claims)
    )
