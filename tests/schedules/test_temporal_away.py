"""Overlap and catch-up do what a row declares, when Temporal was away."""

from concurrent.futures import Future
from datetime import timedelta
from pathlib import Path

import pytest

from tests.schedules.outages import AS_DECLARED, IN_SHORT, Outage, Scale, Story, played

RECOVERY = timedelta(seconds=10)
"""How long after its start Temporal may take to begin what it owes."""


@pytest.mark.timeout(120)
def test_what_an_outage_left_out_is_made_up_for_as_declared(short_outage: Future[Story]) -> None:
    story = short_outage.result(timeout=100)

    _check(story, IN_SHORT)
    assert all(story.outages[0].missed.values())


@pytest.mark.full
@pytest.mark.timeout(240)
def test_at_full_length_an_outage_within_the_window_loses_nothing_and_one_beyond_it_what_is_old(
    tmp_path: Path,
) -> None:
    story = played(tmp_path, AS_DECLARED)

    _check(story, AS_DECLARED)
    within, beyond = story.outages
    assert set(within.missed.values()) == {0}
    assert all(beyond.missed.values())


def _check(story: Story, scale: Scale) -> None:
    _check_each_is_accounted_for(story)
    for outage in story.outages:
        _check_what_is_too_old_is_missed(story, outage, scale)
        _check_the_rest_is_made_up_for_by_the_overlap(story, outage)


def _check_each_is_accounted_for(story: Story) -> None:
    """Every nominal time ran once, was skipped, or was missed; nothing else ran."""
    for course in story.courses.values():
        assert len(course.ran) == len(set(course.ran)), course
        assert set(course.ran[1:]) <= set(course.due(course.ran[0], course.ran[-1])), course
        assert len(course.left_out()) == course.missed + course.skipped, course


def _check_what_is_too_old_is_missed(story: Story, outage: Outage, scale: Scale) -> None:
    for name, course in story.courses.items():
        too_old = course.due(outage.began, outage.ended - scale.window)
        assert len(too_old) <= outage.missed[name] <= len(too_old) + RECOVERY / scale.every, course


def _check_the_rest_is_made_up_for_by_the_overlap(story: Story, outage: Outage) -> None:
    """Nothing was at work: so the first of them is begun, and those after it meet that one."""
    for name, kept in (("skipping", 1), ("buffering-one", 2), ("buffering-all", 1_000)):
        course, missed = story.courses[name], outage.missed[name]
        due = course.due(outage.began, outage.ended)
        assert due[missed:], course
        assert not set(due[:missed]) & set(course.ran), course
        made_up = [one in course.ran for one in due[missed:]]
        assert made_up == [place < kept for place in range(len(made_up))], course
