"""What every way to send letters does, in memory or over SMTP."""

from collections.abc import AsyncIterator

import pytest

from domain.errors import MailUndelivered
from tests.gateways.mail.mail_worlds import LETTER, WRITTEN, FakeWorld, MailWorld, smtp_world


@pytest.fixture(params=["in_memory", "smtp"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[MailWorld]:
    if request.param == "in_memory":
        yield FakeWorld()
        return
    async with smtp_world() as real:
        yield real


async def test_a_letter_arrives_word_for_word(world: MailWorld) -> None:
    await world.mail.send(LETTER)

    assert world.arrived() == [
        (LETTER.message_id, LETTER.to, WRITTEN.subject, WRITTEN.text, WRITTEN.html)
    ]


async def test_a_repeat_carries_the_same_message_id(world: MailWorld) -> None:
    await world.mail.send(LETTER)
    await world.mail.send(LETTER)

    assert [letter.message_id for letter in world.arrived()] == [LETTER.message_id] * 2


@pytest.mark.parametrize("permanent", [True, False])
async def test_a_letter_not_taken_says_whether_to_try_again(
    world: MailWorld, permanent: bool
) -> None:
    world.refuse_next(permanent=permanent)

    with pytest.raises(MailUndelivered) as undelivered:
        await world.mail.send(LETTER)

    assert undelivered.value.permanent is permanent
    assert world.arrived() == []
    await world.mail.send(LETTER)
    assert len(world.arrived()) == 1


async def test_a_check_sends_no_letter_and_hinders_none(world: MailWorld) -> None:
    await world.mail.check()
    assert world.arrived() == []

    await world.mail.send(LETTER)
    assert len(world.arrived()) == 1
