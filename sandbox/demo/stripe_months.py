"""Stripe's side of the story: months pass, and a bank says no."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from domain.money import Money
from sandbox.complaint import SandboxError
from sandbox.demo.narrator import Narrator
from sandbox.simulator.control import SimulatorControl

A_DAY = timedelta(days=1)
HELD_SECONDS = 2.0
"""How long the first word of an unpaid invoice is kept back."""


class StripeMonths:
    """The one subscription of a fresh simulator. Every method raises ControlError where refused.

    Args:
        control: of the simulator.
    """

    def __init__(self, control: SimulatorControl) -> None:
        self._control = control

    @property
    def subscription(self) -> dict[str, Any]:
        """As Stripe has it."""
        (found,) = self._control.get("/_sim/subscriptions")["subscriptions"]
        return found

    @property
    def invoices(self) -> list[dict[str, Any]]:
        """Oldest first."""
        invoices: list[dict[str, Any]] = self._control.get("/_sim/invoices")["invoices"]
        return sorted(invoices, key=lambda invoice: invoice["created"])

    def decline_the_card(self) -> None:
        """From now on."""
        card = self.subscription["default_payment_method"]
        self._control.post(
            f"/_sim/payment_methods/{card}/behaviour", {"card": "insufficient_funds"}
        )

    def let_the_month_pass(self) -> dict[str, Any]:
        """Until the next invoice, which is returned. Nobody is told of it for a moment.

        Raises:
            SandboxError: it was paid.
        """
        held = self._control.add_fault("webhook_delay", remaining=None, seconds=HELD_SECONDS)
        over: int = self.subscription["items"]["data"][0]["current_period_end"]
        now: int = self._control.get("/_sim/clock")["now"]
        self._pass(timedelta(seconds=over - now + 1))
        self._control.clear_faults(held)
        invoice = self.invoices[-1]
        if invoice["status"] != "open":
            raise SandboxError(f"The card is declined, but the invoice is {invoice['status']}.")
        return invoice

    def let_a_day_pass(self) -> None:
        """With whatever it brings at Stripe: some days the payment is tried again."""
        self._pass(A_DAY)

    def show(self, narrator: Narrator) -> None:
        """What became of it there, and who was told.

        Raises:
            SandboxError: it broke a promise, or a webhook was refused.
        """
        promises = self._control.invariants()
        if not promises.holds:
            raise SandboxError(f"Stripe found a promise broken: {'; '.join(promises.violations)}.")
        told = [sent["status"] for sent in self._control.deliveries()]
        if refused := [status for status in told if status not in (200, None)]:
            raise SandboxError(f"Webhooks were answered with {sorted(set(refused))}.")
        rows = [
            (f"invoice {place}", money(invoice), f"{invoice['status']}, {_tries(invoice)}")
            for place, invoice in enumerate(self.invoices, 1)
        ]
        narrator.fact("Stripe (simulated)", f"subscription {self.subscription['status']}")
        narrator.table(rows)
        narrator.fact("Webhooks", f"{len(told)} signed messages, all taken")

    def _pass(self, by: timedelta) -> None:
        self._control.post("/_sim/clock", {"seconds": int(by.total_seconds())})


def control_of(env: Mapping[str, str]) -> SimulatorControl:
    """Of the sandbox with those variables."""
    return SimulatorControl(env["STRIPE_SIM_CONTROL_URL"], env["STRIPE_SIM_CONTROL_TOKEN"])


def money(invoice: Mapping[str, Any]) -> str:
    """What that invoice is over."""
    return str(Money(amount_cents=invoice["amount_due"], currency=invoice["currency"].upper()))


def _tries(invoice: Mapping[str, Any]) -> str:
    count = invoice["attempt_count"]
    return f"{count} {'try' if count == 1 else 'tries'}"
