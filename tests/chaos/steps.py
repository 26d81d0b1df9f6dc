"""The steps of a registration's life, taken from the worker itself."""

from collections.abc import Mapping
from functools import cache
from types import SimpleNamespace
from typing import Any
from unittest import mock

import served
from workflows.registration import RegistrationWorkflow

SEND = "send"
BODY = "body"
"""All of an activity whose effect is no gateway's call."""
ANY_EFFECT = "*"
"""The first call of a gateway that is more than a look."""

READS = frozenset(
    {
        *("agreement", "dossier", "payer", "profile", "registration", "children", "program"),
        "orphans",
        *("unmarked", "cancellation_wish"),
        *("sharing", "account_pauses", "audit_trail", "ping", "verify_audit", "charges_of"),
        *("review_case", "booking_owner", "due_looks", "noticed_look", "runs_to_check"),
        *("open_fees", "access", "product", "slot", "find", "booking", "arm", "probe_clock"),
        *("card_from_setup", "open_card_setup", "find_charge", "outcome", "find_refund"),
    }
)
"""Calls that change nothing outside."""

EFFECTS: Mapping[str, tuple[str, ...]] = {
    "preflight": ("people",),
    "book": (SEND, "open_attempt"),
    "charge_success_fee": ("charge", "open_charge"),
    "tell_parent": (SEND, "mark_sent"),
    "cancel_booking": ("cancel", "booking_cancelled"),
    "refund_fee": ("refund", "open_refund", "settle_refund"),
    "stand_down": (BODY,),
    "check_cancellation": ("keep_wish",),
    "settle_outstanding_charge": ("charges_of",),
    "check_review": ("review_case",),
    "find_noticed": ("noticed_look",),
    "look_again": ("raise_alert", "note_look"),
    "look_at_fee": ("outcome",),
    "sweep_bookings": ("note_look",),
    "sweep_registrations": ("note_runs_checked",),
    "sweep_fees": ("note_fees_asked",),
    "sweep_letters": ("undelivered_letters",),
    "send_reminders": ("reminders_to_send",),
}
"""Where an activity has more than one, or one that is no plain write: the chief one first; of one
that only looks, the look. Any other activity has the one that it makes first."""

OF_NO_REGISTRATION = frozenset(
    {
        *("due_backups", "take_backup", "verify_backup", "skip_backup", "note_failed_backup"),
        "remove_old_backups",
        *("work_stripe_event", "look_at_account", "look_at_invoice", "end_grace"),
        *("write_recovery_letter", "find_overlooked"),
        *("due_erasures", "look_at_erasure", "begin_erasure", "log_erasure", "erase_rows"),
        *("finish_erasure", "forget_at_organisers", "forget_customer", "forget_histories"),
        *("tell_erasure_asked", "tell_erased"),
    }
)
"""Activities that no story of a family here comes to: backups' own tests kill them, and those of
subscriptions ask Stripe before each effect."""

WORKFLOW = "workflow:"


def is_effect(call: str) -> bool:
    """Whether a gateway's call changes something outside."""
    return call not in READS


@cache
def activities() -> tuple[str, ...]:
    """The names of the activities that a worker serves for registrations."""
    composed: list[Any] = []

    def note(_client: object, **config: Any) -> SimpleNamespace:
        composed.append(config)
        return SimpleNamespace()

    nobody = mock.MagicMock()
    with mock.patch.object(served, "Worker", note):
        served.workers(nobody, nobody, nobody, nobody, nobody)
    found = [_name(one) for config in composed for one in config["activities"]]
    return tuple(sorted(set(found) - OF_NO_REGISTRATION))


def updates() -> tuple[str, ...]:
    """The names of what may be asked of a running registration."""
    definition: Any = getattr(RegistrationWorkflow, "__temporal_workflow_definition")
    return tuple(sorted(definition.updates))


def workflow_steps() -> tuple[str, ...]:
    """What a registration's workflow does: its run, its updates, and each activity it begins."""
    named = ("run", *(f"update-{name}" for name in updates()), *activities())
    return tuple(f"{WORKFLOW}{name}" for name in named)


def _name(served: Any) -> str:
    known: Any = getattr(served, "__temporal_activity_definition")
    return known.name
