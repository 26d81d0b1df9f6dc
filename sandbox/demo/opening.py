"""Following one registration through its opening."""

import asyncio
from datetime import UTC, datetime

from domain.answers import RegistrationAnswer
from domain.states import FeeStatus, RegistrationStatus
from sandbox.complaint import SandboxError
from sandbox.demo.chat import Chat
from sandbox.demo.narrator import Narrator

AFTER_SECONDS = 60.0
"""How long after the opening an ending is waited for."""
GLANCE_SECONDS = 0.1
LOOK_SECONDS = 0.5
QUIET = (-1.0, 0.2)
"""Seconds around the opening in which nobody asks: the booking has the machine to itself."""

_DOING = {
    RegistrationStatus.PENDING: "pending: the workflow waits",
    RegistrationStatus.EXECUTING: "executing: armed for the instant",
}


async def follow(
    chat: Chat, narrator: Narrator, registration: RegistrationAnswer
) -> RegistrationAnswer:
    """Ask for the registration until it has ended, and show it meanwhile.

    Raises:
        SandboxError: it ended otherwise than booked and paid, or not in time.
    """
    narrator.chapter("The opening")
    opening = registration.scheduled_time
    with narrator.countdown(_until(opening)) as countdown:
        asked = 0.0
        loop = asyncio.get_running_loop()
        while registration.status in _DOING:
            left = _until(opening)
            if left < -AFTER_SECONDS:
                raise SandboxError(
                    f"{AFTER_SECONDS:g} s after the opening the registration is still "
                    f"{registration.status.value}."
                )
            countdown.show(left, _DOING[registration.status])
            quiet = QUIET[0] < -left < QUIET[1]
            if not quiet and loop.time() - asked >= LOOK_SECONDS:
                registration = await _look(chat, registration)
                asked = loop.time()
            else:
                await asyncio.sleep(GLANCE_SECONDS)
        countdown.show(_until(opening), registration.status.value)
    narrator.tool(
        "get_registration",
        f"{registration.status.value}, fee {registration.fee_status.value}",
    )
    _check(registration)
    return registration


async def _look(chat: Chat, registration: RegistrationAnswer) -> RegistrationAnswer:
    return await chat.call(
        "get_registration", RegistrationAnswer, registration_id=str(registration.registration_id)
    )


def _until(opening: datetime) -> float:
    return (opening - datetime.now(UTC)).total_seconds()


def _check(ended: RegistrationAnswer) -> None:
    if ended.status is not RegistrationStatus.COMPLETED:
        code = f", {ended.failure_code.value}" if ended.failure_code else ""
        raise SandboxError(
            f"{ended.code} was not booked ({ended.status.value}{code}). {ended.error_message or ''}"
        )
    if ended.fee_status is not FeeStatus.PAID:
        raise SandboxError(
            f"{ended.code} is booked, but its success fee is {ended.fee_status.value}."
        )
