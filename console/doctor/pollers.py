"""Does somebody work: who asks each task queue, and does work wait there."""

from collections.abc import Sequence
from datetime import timedelta

from console.doctor.examination import Check
from console.doctor.findings import Finding, counted, failed, passed, some, warned
from console.doctor.patient import Patient
from console.task_queues import QueueState
from workflows.queues import QUEUES

SHOWN_OF_A_BUILD = 8

LONGEST_WAIT = timedelta(seconds=10)
"""The lead is twenty: work that waits half of it is close to being late."""


async def _pollers(patient: Patient) -> list[Finding]:
    states = await patient.queues.own()
    return [judged(queue, [each for each in states if each.queue == queue]) for queue in QUEUES]


def judged(queue: str, states: Sequence[QueueState]) -> Finding:
    """What is to be thought of one queue, by its state for each kind of work."""
    name = f"temporal.pollers.{queue}"
    unasked = [each for each in states if not each.serving]
    if unasked:
        return _nobody(name, queue, unasked)
    waits = max(each.longest_wait for each in states)
    if waits > LONGEST_WAIT:
        return warned(
            name,
            f"Work has waited in the queue {queue} for {waits.total_seconds():.0f} s.",
            "The workers are too few or stuck: look at their log, their processor and the "
            "database, or start another.",
        )
    pollers = {poller.identity: poller for each in states for poller in each.at_work}
    builds = sorted({poller.build[:SHOWN_OF_A_BUILD] for poller in pollers.values()})
    said = f"{counted(len(pollers), 'worker')} of build {some(builds)}: {some(sorted(pollers))}."
    if len(builds) > 1:
        return warned(
            name,
            f"More than one build is at work, {said}",
            "Unless a release is just being deployed, end the workers of the release before.",
        )
    return passed(name, said)


def _nobody(name: str, queue: str, unasked: Sequence[QueueState]) -> Finding:
    """Nobody is there, or those that are there are given nothing."""
    words = " and ".join(each.tasks.word for each in unasked)
    others = {poller.build for each in unasked for poller in each.at_work}
    current = unasked[0].current
    if current is not None:
        at_work = f"; build {some(sorted(others))} asks, and gets nothing" if others else ""
        return failed(
            name,
            f"The queue {queue} gives {words} to build {current.build} of {current.deployment} "
            f"alone, and no worker of it asks: nothing of it is done{at_work}.",
            "Start workers of that build, or give the work to one that runs: "
            "python starter.py release promote BUILD.",
        )
    if others:
        return failed(
            name,
            f"Only workers of a deployment ask the queue {queue} for {words}, none of which is "
            f"current (build {some(sorted(others))}): nothing of it is done.",
            "Give the work to them: python starter.py release promote BUILD.",
        )
    return failed(
        name,
        f"No worker asks the queue {queue} for {words}: nothing of it is done.",
        "Start a worker: python worker.py. If one runs, compare its TEMPORAL_ variables with "
        "these.",
    )


CHECKS = (Check("temporal.pollers", _pollers, "Look at the rights of our key in Temporal."),)
