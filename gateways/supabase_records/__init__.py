"""The database behind Supabase's data API: one Postgres function per method, by rpc."""

from gateways.supabase_records.alerts import Alerts
from gateways.supabase_records.attempts import Attempts
from gateways.supabase_records.audit import Audit
from gateways.supabase_records.backups import Backups
from gateways.supabase_records.client import ANY
from gateways.supabase_records.erasures import Erasures
from gateways.supabase_records.fees import Fees
from gateways.supabase_records.fields import KeptFields
from gateways.supabase_records.health import Health
from gateways.supabase_records.leases import Leases
from gateways.supabase_records.mandates import Mandates
from gateways.supabase_records.operators import Operators
from gateways.supabase_records.outbox import Outbox
from gateways.supabase_records.pace import Paces
from gateways.supabase_records.people import People
from gateways.supabase_records.programs import Programs
from gateways.supabase_records.recoveries import Recoveries
from gateways.supabase_records.registrations import Registrations
from gateways.supabase_records.reviews import Reviews
from gateways.supabase_records.service import Service
from gateways.supabase_records.subscriptions import Subscriptions
from gateways.supabase_records.sweeps import Sweeps
from gateways.supabase_records.wishes import Wishes

__all__ = ["SupabaseRecords"]


class SupabaseRecords(
    People,
    Programs,
    Registrations,
    Mandates,
    Attempts,
    Fees,
    Leases,
    Paces,
    Audit,
    Outbox,
    Alerts,
    Reviews,
    Sweeps,
    Wishes,
    Subscriptions,
    Recoveries,
    Service,
    Health,
    KeptFields,
    Backups,
    Erasures,
    Operators,
):
    """The whole database: the Protocol `gateways.protocols.records.Records`.

    Made with `connect`. The contract of each method stands in the Protocol; every one raises
    only the errors of `gateways.supabase_records.errors`.
    """

    async def ping(self) -> None:
        """Answer, or raise RecordsUnavailable."""
        await self._call("ping", ANY)
