"""A parent with children, a card and something to book, at every stage of a registration."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from domain.audit import AuditEvent
from domain.contracts import ChargeResult
from domain.registrations import Registration
from tests.database import steps
from tests.database.door import Door

ISSUER = "https://issuer.example/"
OPENS_IN = timedelta(hours=3)


@dataclass(frozen=True)
class Family:
    """One account, at one event of one organisation."""

    door: Door
    subject: str
    user_id: UUID
    child_ids: tuple[UUID, ...]
    program: dict[str, Any]

    @property
    def claims(self) -> dict[str, str]:
        """Of this parent's verified token."""
        return {"iss": ISSUER, "sub": self.subject, "role": "authenticated"}

    def draft(self, **changes: object) -> Registration:
        asked = {
            "user_id": str(self.user_id),
            "program_id": self.program["id"],
            "child_ids": [str(child) for child in self.child_ids],
            "scheduled_time": (datetime.now(UTC) + OPENS_IN).isoformat(),
            "time_zone": "America/New_York",
            "opening_source": "operator",
            "max_total_cents": 40_000,
            "success_fee_cents": 2_000,
            "summary": "Register Ada and Bo.",
            "summary_digest": "d" * 64,
            "lapses_at": (datetime.now(UTC) + timedelta(days=7)).isoformat(),
        }
        answer = self.door.call("draft_registration", draft={**asked, **changes})
        return Registration.model_validate(answer)

    def now(self, row: Registration) -> Registration:
        """The row as it stands."""
        return Registration.model_validate(
            self.door.call("get_registration", registration_id=row.id)
        )

    def trail(self, row: Registration) -> list[AuditEvent]:
        events = self.door.call("audit_trail", registration_id=row.id)
        return [AuditEvent.model_validate(event) for event in events]

    def told(self, row: Registration) -> list[str]:
        """What waits in the outbox, by kind."""
        waiting = self.door.call("unsent_notifications", registration_id=row.id)
        return [letter["kind"] for letter in waiting]

    def pending(self) -> Registration:
        return self._after(self.draft(), steps.confirm)

    def executing(self) -> Registration:
        return self._after(self.pending(), steps.claim)

    def sent(self) -> Registration:
        """Executing, with a marker nobody has closed."""
        return self._after(self.executing(), steps.open_attempt)

    def booked(self) -> Registration:
        """Executing, with the booking known and its fee frozen."""
        return self._after(self.sent(), steps.open_charge)

    def completed(self, fee: ChargeResult) -> Registration:
        row = self.booked()
        self.door.call("record_outcome", order=steps.completion(row, fee))
        return self.now(row)

    def failed(self) -> Registration:
        return self._after(self.sent(), steps.record_failed)

    def needs_review(self) -> Registration:
        return self._after(self.sent(), steps.record_needs_review)

    def cancelled(self) -> Registration:
        return self._after(self.pending(), steps.cancel)

    def subscribed(self, status: str = "active", **changes: object) -> dict[str, Any]:
        """The row of a subscription, after a look that saw it so."""
        look = self.door.call("begin_look", user_id=self.user_id)["look"]
        billed = {
            "subscription_id": f"sub_{self.user_id.hex}",
            "status": status,
            "cancel_at_period_end": False,
            "current_period_end": (datetime.now(UTC) + timedelta(days=31)).isoformat(),
            "payment_method_id": "pm_1",
            **changes,
        }
        return self.door.call("mirror_subscription", user_id=self.user_id, look=look, billed=billed)

    def _after(self, row: Registration, step: steps.Step) -> Registration:
        step(self.door, row)
        return self.now(row)


def new_family(door: Door, children: tuple[str, ...] = ("Ada", "Bo")) -> Family:
    mark = uuid4().hex
    user_id = UUID(door.call("user_for", issuer=ISSUER, subject=f"auth0|{mark}"))
    door.call(
        "save_guardian",
        user_id=user_id,
        guardian={
            "first_name": "Zoë",
            "last_name": "O'Brien",
            "email": "zoe.obrien@example.com",
            "phone": "+1 (617) 555-0100",
            "birth_date": "1986-02-28",
        },
    )
    ids = [
        door.call(
            "add_child",
            user_id=user_id,
            child={"first_name": name, "last_name": "O'Brien", "birth_date": "2018-05-01"},
        )["id"]
        for name in children
    ]
    save_card(door, user_id, f"pm_{mark}")
    return Family(door, f"auth0|{mark}", user_id, tuple(map(UUID, ids)), new_program(door, mark))


def save_card(door: Door, user_id: UUID, payment_method_id: str) -> None:
    door.call("save_customer", user_id=user_id, customer_id=f"cus_{user_id.hex}")
    door.call("save_card_setup", user_id=user_id, session_id=f"cs_{payment_method_id}")
    door.call(
        "save_card",
        user_id=user_id,
        session_id=f"cs_{payment_method_id}",
        card={
            "payment_method_id": payment_method_id,
            "brand": "visa",
            "last4": "4242",
            "exp_month": 12,
            "exp_year": 2100,
        },
    )


def new_program(door: Door, mark: str) -> dict[str, Any]:
    starts = datetime.now(UTC) + timedelta(days=30)
    door.call(
        "save_provider_account",
        account={
            "provider": "bookeo",
            "org_ref": f"org-{mark}",
            "name": "Community Pool",
            "credentials_ref": "pool",
        },
    )
    return door.call(
        "save_program",
        program={
            "id": str(uuid4()),
            "provider": "bookeo",
            "org_ref": f"org-{mark}",
            "program_ref": "P100",
            "event_id": "E1",
            "name": "Swimming",
            "starts_at": starts.isoformat(),
            "ends_at": (starts + timedelta(hours=2)).isoformat(),
            "time_zone": "America/New_York",
            "opens_at": (starts - timedelta(days=29)).isoformat(),
            "opening_source": "operator",
            "price_cents": 12_500,
            "currency": "USD",
            "people_category": "Cchildren",
        },
    )
