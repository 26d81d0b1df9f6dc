"""The build id of a release."""

import shutil
from pathlib import Path

import pytest

import release
from release import Release, build_of_sources


def test_it_is_the_same_in_a_copy_elsewhere_and_another_where_a_source_differs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = build_of_sources()
    monkeypatch.setattr(release, "ROOT", _copy(tmp_path))
    reckoned = build_of_sources.__wrapped__

    assert reckoned() == own
    (tmp_path / "console").mkdir()
    (tmp_path / "console/app.py").write_text("no worker runs this")
    assert reckoned() == own
    (tmp_path / "workflows/fee.py").write_text("this, every worker does")
    assert reckoned() != own


def test_what_is_given_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKER_BUILD_ID", "1.4.2")
    monkeypatch.setenv("WORKER_DEPLOYMENT", "house")

    assert Release.here() == Release("1.4.2", "house")


def _copy(to: Path) -> Path:
    for file in release.ROOT.glob("*.py"):
        shutil.copy(file, to)
    shutil.copy(release.ROOT / "requirements.lock", to)
    for room in release.ROOMS:
        shutil.copytree(release.ROOT / room, to / room)
    return to
