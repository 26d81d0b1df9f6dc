"""What the previous release began is finished by this one (`make upgrade`)."""

from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory

from gateways.payload_codec import data_converter
from tests.payload_keys import KEYS
from tests.release.previous import PIN, NotHere, check_out
from tests.release.upgrade import played
from tests.replay.record import HISTORIES
from workflows.replaying import replayer


async def test_what_the_previous_release_recorded_replays_also_what_this_one_dropped(
    tmp_path: Path,
) -> None:
    """The others are replayed where they are committed (tests/replay)."""
    try:
        recorded = check_out(tmp_path, "tests/replay/histories") / "tests/replay/histories"
    except NotHere as missing:
        pytest.skip(f"{missing} The committed histories stand for it.")
    before = sorted(path.relative_to(recorded) for path in recorded.rglob("*.json"))
    assert before
    judge = replayer(data_converter(KEYS))
    for path in before:
        told = (recorded / path).read_text()
        kept = HISTORIES / path
        if kept.exists() and kept.read_text() == told:
            continue
        result = await judge.replay_workflow(
            WorkflowHistory.from_json("previous", told), raise_on_replay_failure=False
        )
        assert result.replay_failure is None, f"{path}: {result.replay_failure}"


def test_a_clone_without_the_previous_release_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pin = tmp_path / PIN.name
    pin.write_text("0" * 40 + "\n")
    monkeypatch.setattr("tests.release.previous.PIN", pin)

    with pytest.raises(NotHere, match="is not in this clone: fetch the whole history"):
        check_out(tmp_path)


@pytest.mark.full
@pytest.mark.timeout(600)
async def test_what_blue_began_green_finishes_once_wherever_sigterm_meets_it(
    tmp_path: Path,
) -> None:
    """Promoted, while blue is unversioned; `make upgrade` has neither of a deployment."""
    await played(tmp_path, seed=1, versioned=True, tell=print)
