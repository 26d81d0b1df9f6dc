import os
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
import stripe
from typer.testing import CliRunner, Result

from sandbox.simulator.control import SimulatorControl
from sandbox.stripe.__main__ import app
from tests.sandbox.stripe.conftest import KEY, TOKEN, Desk, connected

ROOT = Path(__file__).parents[3]
COMMAND = (sys.executable, "-m", "sandbox.stripe")
ENVIRONMENT = {**os.environ, "STRIPE_SECRET_KEY": KEY, "STRIPE_SIM_CONTROL_TOKEN": TOKEN}


@contextmanager
def served(data: Path) -> Generator[tuple[str, subprocess.Popen[str]], None, None]:
    process = subprocess.Popen(  # noqa: S603 - our own command
        [*COMMAND, "serve", "--port", "0", "--data", str(data)],
        cwd=ROOT,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().removeprefix("listening on ").strip(), process
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()


def told(*arguments: str, **changes: str) -> Result:
    return CliRunner().invoke(app, arguments, env={**ENVIRONMENT, **changes})


async def test_a_killed_simulator_comes_back_with_its_charge_and_its_keys(tmp_path: Path) -> None:
    data = tmp_path / "stripe.db"
    with served(data) as (url, process), SimulatorControl(url, TOKEN) as control:
        async with connected(url) as client:
            desk = Desk(url, client, control)
            customer, card = await desk.customer_with("success")
            control.add_fault("crash_after_commit", reference="fee-r1-1")
            with pytest.raises(stripe.APIConnectionError):
                await desk.charge(customer, card)
        assert process.wait(20) == 137

    with served(data) as (url, _), SimulatorControl(url, TOKEN) as control:
        async with connected(url) as client:
            desk = Desk(url, client, control)
            assert len(desk.payments(registration_id="r1")) == 1
            assert (await desk.charge(customer, card)).status == "succeeded"
            assert len(desk.payments(registration_id="r1")) == 1
        invariants = told("invariants", "--url", url)
        payments = told("payments", "--url", url, "--registration", "r1")
        ledger = told("ledger", "--url", url, "--reference", "fee-r1-1")

    assert (invariants.exit_code, payments.exit_code, ledger.exit_code) == (0, 0, 0)
    assert '"registration_id": "r1"' in payments.stdout
    assert "crash_after_commit" in ledger.stdout


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    serve = ("serve", "--port", "0", "--data", str(tmp_path / "stripe.db"))

    without_key = told(*serve, STRIPE_SECRET_KEY="")
    without_token = told(*serve, STRIPE_SIM_CONTROL_TOKEN="")

    assert without_key.exit_code == without_token.exit_code == 2
    assert "STRIPE_SECRET_KEY" in without_key.stderr
    assert "STRIPE_SIM_CONTROL_TOKEN" in without_token.stderr
