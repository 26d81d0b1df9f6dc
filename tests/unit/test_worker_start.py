"""`python worker.py` before it serves."""

import subprocess
import sys

from sandbox.program import ROOT
from tests.mandates import KEYS

ENVIRONMENT = {
    "TEMPORAL_ADDRESS": "127.0.0.1:1",
    "SUPABASE_URL": "http://127.0.0.1:1",
    "SUPABASE_SERVICE_ROLE_KEY": "sb_secret_none",
    "STRIPE_SECRET_KEY": "sk_test_none",
    "BOOKEO_API_KEY": "none",
    "BOOKEO_SECRET_KEY": "none",
    "SMTP_URL": "smtp://127.0.0.1:1",
    "MAIL_FROM": "signupassist@example.com",
    "MANDATE_SIGNING_KEYS": KEYS.get_secret_value(),
}


def test_what_no_part_could_start_without_is_said_once_and_ends_it() -> None:
    ended = subprocess.run(
        [sys.executable, "worker.py"],
        cwd=ROOT,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1
    assert ended.stderr.count("Temporal does not answer at 127.0.0.1:1.") == 1
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""
