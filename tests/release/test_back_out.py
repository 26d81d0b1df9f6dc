"""Going back: the release before over what this one deployed, and forward again."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.deploy import MIGRATIONS, migrate_only
from sandbox.program import ROOT
from sandbox.programs import NAMES
from sandbox.up import Stack
from tests.release.previous import NotHere, check_out

NODE_PACKAGES = Path("sandbox/data_api/node_modules")
SECONDS = 240
AHEAD = "40"
"""Seconds to the opening: enough for a chat on a machine that does other things too."""

NEXT = """
alter table public.scheduled_registrations add column noticed_at timestamptz;
create function public.noticed(p_id uuid) returns jsonb language sql as 'select null::jsonb';
grant execute on function public.noticed to service_role;
"""
"""What a release may add that the one before knows nothing of."""


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The code of the release before."""
    try:
        folder = check_out(tmp_path_factory.mktemp("before"))
    except NotHere as missing:
        pytest.skip(str(missing))
    (folder / NODE_PACKAGES).symlink_to(ROOT / NODE_PACKAGES)
    return folder


def _books(code: Path, data: Path) -> None:
    """Deploy that code over the data, start its programs, and have them book one registration."""
    # Other worlds on this machine may have taken the ports of the last run, which the simulated
    # Stripe remembers; the parent is another one each time, because the issuer has another address.
    for kept in (*data.glob("ports.json"), *data.glob("stripe.db*")):
        kept.unlink()
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "sandbox", "demo", "--data", str(data), "--keep", "--ahead", AHEAD],
        cwd=code,
        env={name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "both children are booked" in done.stdout


@pytest.mark.full
@pytest.mark.timeout(4 * SECONDS)
def test_the_release_before_deploys_and_books_over_what_this_one_left_and_this_one_again(
    before: Path, tmp_path: Path
) -> None:
    data, newer = tmp_path / "data", tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, newer)
    (newer / "29990101000000_noticed.sql").write_text(NEXT)

    _books(ROOT, data)
    with Stack(
        data,
        without=set(NAMES) - {"postgres"},
        deploy=lambda env: migrate_only(env["DATABASE_URL"], newer),
    ):
        pass
    _books(before, data)
    _books(ROOT, data)
