from bench.figures import Machine
from bench.scenarios import SCENARIOS
from bench.scenarios.scenario import Check, Finding, sheet


def found(name: str, *, kept: bool) -> Finding:
    check = Check(promise="nobody waits", measured="3 waited", kept=kept)
    return Finding(scenario=name, checks=(check,), figures={"n": 3})


def test_every_scenario_is_told_with_what_it_promises_and_what_was_measured() -> None:
    pairs = [(SCENARIOS["kill"], found("kill", kept=True))]
    pairs += [(SCENARIOS["pending"], found("pending", kept=False))]
    told = sheet(pairs, Machine.here())
    assert "## 10,000 registrations that open next week, idle" in told
    assert "| nobody waits | 3 waited | kept |" in told
    assert "| nobody waits | 3 waited | **not kept** |" in told
    assert "`n` 3." in told
    assert told.endswith(f"{Machine.here().in_words()}.\n")
