"""What only SMTP has: headers, envelopes, addresses and the ways to fail."""

import socket
from collections.abc import AsyncIterator

import pytest

from domain.errors import MailUndelivered
from tests.gateways.mail.mail_worlds import ABOUT, LETTER, SENDER, SmtpWorld, smtp_mail, smtp_world


@pytest.fixture
async def world() -> AsyncIterator[SmtpWorld]:
    async with smtp_world() as real:
        yield real


async def test_headers_and_envelope_name_sender_and_recipient(world: SmtpWorld) -> None:
    await world.mail.send(LETTER)

    ((envelope, message),) = world.raw
    assert envelope.mail_from == "hello@signupassist.example"
    assert envelope.rcpt_tos == [LETTER.to]
    assert str(message["From"]) == SENDER
    assert str(message["To"]) == LETTER.to
    assert message["Date"] is not None
    assert message["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize(
    "change",
    [
        {"message_id": "<1@x>\r\nBcc: everybody@example.com"},
        {"to": "ada@example.com\r\nBcc: everybody@example.com"},
        {"to": "ada@example.com, everybody@example.com"},
        {"to": "not an address"},
        {"to": ""},
    ],
)
async def test_nothing_can_be_smuggled_into_the_headers(
    world: SmtpWorld, change: dict[str, str]
) -> None:
    with pytest.raises(MailUndelivered) as undelivered:
        await world.mail.send(LETTER.model_copy(update=change))

    assert undelivered.value.permanent
    assert world.raw == []
    assert "example.com" not in str(undelivered.value)


async def test_what_an_organiser_called_a_program_stays_one_subject(world: SmtpWorld) -> None:
    about = ABOUT.model_copy(update={"program": "Swim\r\nBcc: everybody@example.com"})

    await world.mail.send(LETTER.model_copy(update={"about": about}))

    ((envelope, message),) = world.raw
    assert envelope.rcpt_tos == [LETTER.to]
    assert message["Bcc"] is None
    assert message["Subject"] == "Not booked: Swim Bcc: everybody@example.com (SCH-ABCD2345)"


@pytest.mark.parametrize(
    ("stage", "answer", "permanent"),
    [
        ("RCPT", "550 ada.moreau@example.com is unknown", True),
        ("RCPT", "450 greylisted", False),
        ("MAIL", "550 not from you", False),
        ("MAIL", "421 too busy", False),
        ("DATA", "552 too large for ada.moreau@example.com", True),
    ],
)
async def test_only_a_lasting_no_to_this_letter_is_permanent(
    world: SmtpWorld, stage: str, answer: str, permanent: bool
) -> None:
    world.refusals[stage] = answer

    with pytest.raises(MailUndelivered) as undelivered:
        await world.mail.send(LETTER)

    assert undelivered.value.permanent is permanent
    assert "ada" not in str(undelivered.value)


async def test_a_server_that_is_away_is_tried_again_later() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"smtp://127.0.0.1:{closed.getsockname()[1]}"

        with pytest.raises(MailUndelivered) as undelivered:
            await smtp_mail(url).send(LETTER)

    assert not undelivered.value.permanent


async def test_a_password_in_the_address_is_decoded_and_used(world: SmtpWorld) -> None:
    url = f"smtp://user:p%40ss@127.0.0.1:{world.port}"

    await smtp_mail(url).send(LETTER)

    assert world.passwords == [b"p@ss"]
    assert len(world.raw) == 1


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
async def test_a_server_that_cannot_keep_a_password_gets_none(
    world: SmtpWorld, scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def elsewhere(_: str | None) -> bool:
        return False

    monkeypatch.setattr("gateways.smtp_mail.is_loopback", elsewhere)
    url = f"{scheme}://user:hunter2@127.0.0.1:{world.port}"

    with pytest.raises(MailUndelivered) as undelivered:
        await smtp_mail(url).send(LETTER)
    with pytest.raises(MailUndelivered):
        await smtp_mail(url).check()

    assert not undelivered.value.permanent
    assert "hunter2" not in str(undelivered.value)
    assert world.passwords == []
    assert world.raw == []


async def test_a_check_signs_in_and_asks_whether_the_sender_is_taken(world: SmtpWorld) -> None:
    url = f"smtp://user:hunter2@127.0.0.1:{world.port}"
    await smtp_mail(url).check()
    assert world.passwords == [b"hunter2"]

    world.refusals["MAIL"] = "553 not from you"
    with pytest.raises(MailUndelivered, match="status 553") as undelivered:
        await smtp_mail(url).check()

    assert not undelivered.value.permanent
    assert world.raw == []


async def test_a_check_of_a_server_that_is_not_there_is_undelivered_too() -> None:
    with pytest.raises(MailUndelivered):
        await smtp_mail("smtp://127.0.0.1:1").check()


@pytest.mark.parametrize(
    "url",
    [
        "http://mail.example",
        "smtp://",
        "mail.example:25",
        "",
        "smtp://u:hunter2@:25",
        "smtp://u:hunter2/x@h:25",
    ],
)
def test_a_malformed_address_of_the_server_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(ValueError, match="must read") as refused:
        smtp_mail(url)

    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("sender", ["", "SignupAssist", "a@b@c", "Name <>"])
def test_a_malformed_sender_is_refused(sender: str) -> None:
    with pytest.raises(ValueError, match="sender"):
        smtp_mail("smtp://127.0.0.1:25", sender)
