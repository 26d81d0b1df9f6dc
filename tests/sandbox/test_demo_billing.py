import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from sandbox.demo.short_grace import shortened
from sandbox.program import ROOT

pytestmark = pytest.mark.timeout(240)


def test_a_short_grace_has_the_service_s_own_proportions() -> None:
    timing = shortened(timedelta(seconds=2))
    assert timing.grace == timedelta(seconds=60)
    assert [one.before_end for one in timing.reminders] == [
        timedelta(seconds=14),
        timedelta(seconds=2),
    ]


@pytest.mark.full
@pytest.mark.parametrize(
    ("options", "days", "end"),
    [
        ((), ["0", "23", "29", "30"], "Unpaid for 30 days, warned 3 times, and then downgraded."),
        (("--paid",), ["0", "23", "29"], "Paid on day 29: nobody was downgraded."),
    ],
)
def test_it_tells_of_a_payment_that_failed_letter_by_letter(
    tmp_path: Path, options: tuple[str, ...], days: list[str], end: str
) -> None:
    told = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "sandbox", "demo-billing", "--day", "1", *options],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert (told.returncode, told.stderr) == (0, "")
    assert re.findall(r"^  Day (\d+) +a letter: ", told.stdout, re.MULTILINE) == days
    assert end in told.stdout
    assert not list(tmp_path.iterdir())
