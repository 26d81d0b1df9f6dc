"""Who may do what in the database: the one table of expectations.

A table, a role or a function that is not foreseen here fails the tests: whoever adds one says
here, or by the code that calls it, who may reach it.
"""

from dataclasses import dataclass
from typing import Literal

from tests.database.callers import PROGRAM_ROLES, functions_called_by


@dataclass(frozen=True)
class Table:
    """What a user's token may read of it. Nobody but the schema's owner writes any."""

    read_by: Literal["its user", "every user", "nobody"]
    whose: str = ""
    """The column that says whose row it is: a user's or a registration's id."""
    withheld: frozenset[str] = frozenset()
    """Columns that no user reads."""
    append_only: bool = False
    """Not even the owner changes what is there."""


def _own(whose: str, *withheld: str, append_only: bool = False) -> Table:
    return Table("its user", whose, frozenset(withheld), append_only)


def _catalogue(*withheld: str) -> Table:
    return Table("every user", withheld=frozenset(withheld))


NOBODYS = Table("nobody")

TABLES = {
    "alerts": NOBODYS,
    "audit_events": _own("registration_id", append_only=True),
    "backup_schedules": NOBODYS,
    "backups": NOBODYS,
    "booking_attempts": NOBODYS,
    "cancellation_wishes": NOBODYS,
    "cancellations": NOBODYS,
    "charges": _own(
        "registration_id",
        *("idempotency_key", "stripe_customer_id", "payment_method_id", "payment_intent_id"),
        "may_exist_since",
    ),
    "children": _own("user_id"),
    "erasures": NOBODYS,
    "guardians": _own("user_id"),
    "identities": NOBODYS,
    "leases": NOBODYS,
    "looks": NOBODYS,
    "mandates": _own("user_id", "token"),
    "notifications": _own("registration_id"),
    "operations": NOBODYS,
    "payment_recoveries": NOBODYS,
    "programs": _catalogue(),
    "provider_accounts": _catalogue(
        *("credentials_ref", "rate_per_second", "burst", "spacing", "concurrency"),
        *("paused_since", "paused_until"),
    ),
    "recovery_letters": NOBODYS,
    "refunds": NOBODYS,
    "registration_children": _own("registration_id"),
    "registrations": _own("user_id"),
    "reviews": NOBODYS,
    "scheduled_registrations": _own("user_id"),
    "service_events": Table("nobody", append_only=True),
    "service_state": NOBODYS,
    "stripe_events": NOBODYS,
    "subscriptions": _own(
        "user_id",
        *("subscription_id", "payment_method_id", "card_to_use", "look", "looks_begun"),
        *("checkout_session_id", "checkout_expires_at"),
    ),
    "user_profiles": _own("user_id", "stripe_customer_id", "setup_session_id", "payment_method_id"),
}

API_ROLES = ("anon", "authenticated", "service_role", *PROGRAM_ROLES)
"""Whatever the data API can become; nobody else but the owner has any right."""

OF_POLICIES = "user_id"
"""The one function of the schema `app` that somebody may call: policies run as whoever asks."""


def may_call(role: str, schema: str, function: str) -> bool:
    """Whether that role of the data API must be granted that function."""
    if schema == "app":
        return role == "authenticated" and function == OF_POLICIES
    if role in PROGRAM_ROLES:
        return function in functions_called_by(PROGRAM_ROLES[role])
    return role == "service_role"
