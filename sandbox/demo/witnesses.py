"""What everybody else saw of it: the provider, Stripe, the mail catcher, Temporal."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx
from pydantic import TypeAdapter

from domain.answers import RegistrationAnswer
from domain.identifiers import external_ref, registration_workflow_id
from domain.money import Money
from sandbox.bookeo.control import BookeoControl
from sandbox.complaint import SandboxError
from sandbox.demo.family import EMAIL
from sandbox.demo.narrator import Narrator
from sandbox.mail.store import CaughtMail
from sandbox.probe import read_json, wait_until
from sandbox.simulator.control import SimulatorControl

BOOK = "POST /v2/bookings"
SETTLES_SECONDS = 20.0
"""How long mail and the end of the workflow may take after the booking."""


class Witnesses:
    """Asks each of them about one registration.

    Every method raises SandboxError where what was seen is not what was promised, ControlError
    or httpx.HTTPError where nobody answered.

    Args:
        env: the sandbox's variables.
    """

    def __init__(
        self, env: Mapping[str, str], narrator: Narrator, registration: RegistrationAnswer
    ) -> None:
        self._env = env
        self._narrator = narrator
        self._registration = registration

    def show_provider(self) -> None:
        """When the booking reached the provider, by the provider's own ledger."""
        reference = external_ref(self._registration.registration_id)
        with BookeoControl(*self._control("BOOKEO")) as control:
            sent = [r for r in control.requests(reference) if r.endpoint == BOOK]
            live = control.live_bookings(reference)
            _must_hold("The provider", control)
        if len(live) != 1:
            raise SandboxError(f"The provider has {len(live)} bookings where there must be one.")
        opening_ms = self._registration.scheduled_time.timestamp() * 1000
        after = [f"{request.arrived_ms - opening_ms:.1f}" for request in sent]
        self._narrator.fact(
            "Bookeo (simulated)",
            f"booking request arrived {', '.join(after)} ms after the window opened; "
            "1 booking; nothing early, double or oversold",
        )

    def show_payment(self) -> None:
        """What was charged, by Stripe's own account of it."""
        number = str(self._registration.registration_id)
        with SimulatorControl(*self._control("STRIPE")) as control:
            payments: list[dict[str, Any]] = control.get(
                "/_sim/payment_intents", registration_id=number
            )["payment_intents"]
            _must_hold("Stripe", control)
        received = [payment["amount_received"] for payment in payments]
        if received != [self._registration.success_fee_cents]:
            raise SandboxError(f"Stripe holds these payments instead of one fee: {received} cents.")
        fee = Money(amount_cents=received[0], currency=payments[0]["currency"].upper())
        self._narrator.fact("Stripe (simulated)", f"1 charge of {fee}, {payments[0]['status']}")

    def show_mail(self) -> None:
        """The letters that the parent got, the last one in full."""
        letters: list[CaughtMail] = []

        def told() -> bool:
            letters[:] = self._letters()
            return any(letter.subject.startswith("Booked") for letter in letters)

        if not wait_until(told, SETTLES_SECONDS):
            raise SandboxError(f"No mail about the booking came within {SETTLES_SECONDS:g} s.")
        subjects = " and ".join(f"“{letter.subject}”" for letter in letters)
        self._narrator.fact("Mail to the parent", subjects)
        self._narrator.quote(letters[-1].text.strip())

    def show_workflow(self) -> None:
        """How the run ended, by Temporal, and where to look at it."""
        namespace = self._env["TEMPORAL_NAMESPACE"]
        name = registration_workflow_id(self._registration.registration_id)
        port = urlsplit(self._env["TEMPORAL_UI_URL"]).port or 80
        run: dict[str, Any] = {}

        def ended() -> bool:
            path = f"/api/v1/namespaces/{namespace}/workflows/{name}"
            shown: dict[str, Any] = read_json(port, path) or {}
            run.update(shown.get("workflowExecutionInfo", {}))
            return run.get("status", "").endswith("COMPLETED")

        if not wait_until(ended, SETTLES_SECONDS):
            raise SandboxError(
                f"Temporal does not show the run as completed: {run.get('status', 'unknown')}."
            )
        self._narrator.fact("Temporal", f"run completed, {run['historyLength']} events in history")
        url = f"{self._env['TEMPORAL_UI_URL']}/namespaces/{namespace}/workflows/{name}"
        self._narrator.address("That run in Temporal's Web UI", url)

    def _letters(self) -> list[CaughtMail]:
        answer = httpx.get(
            f"{self._env['MAIL_CATCHER_URL']}/mails",
            params={"to": EMAIL},
            timeout=10,
            trust_env=False,
        )
        letters = TypeAdapter(list[CaughtMail]).validate_json(answer.raise_for_status().content)
        return [letter for letter in letters if self._registration.code in letter.subject]

    def _control(self, vendor: str) -> tuple[str, str]:
        return self._env[f"{vendor}_SIM_CONTROL_URL"], self._env[f"{vendor}_SIM_CONTROL_TOKEN"]


def _must_hold(who: str, control: SimulatorControl) -> None:
    promises = control.invariants()
    if not promises.holds:
        raise SandboxError(f"{who} found a promise broken: {'; '.join(promises.violations)}.")
