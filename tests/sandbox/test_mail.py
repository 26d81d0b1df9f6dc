import asyncio
from collections.abc import Iterator
from email.message import EmailMessage
from uuid import uuid4

import aiosmtplib
import httpx
import pytest

from sandbox.up import Stack


@pytest.fixture
def catcher(stack: Stack) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=stack.env["MAIL_CATCHER_URL"]) as client:
        yield client


def _letter(to: str, text: str = "Grüße\n") -> EmailMessage:
    letter = EmailMessage()
    letter["From"], letter["To"] = "signupassist@example.com", to
    letter["Subject"], letter["Message-ID"] = "Booked", f"<{uuid4()}@example.com>"
    letter.set_content(text)
    return letter


def _send(stack: Stack, letter: EmailMessage) -> None:
    host, _, port = stack.env["SMTP_URL"].removeprefix("smtp://").partition(":")
    asyncio.run(aiosmtplib.send(letter, hostname=host, port=int(port), timeout=10))


def _address() -> str:
    return f"{uuid4().hex}@example.com"


def test_a_sent_letter_can_be_read(stack: Stack, catcher: httpx.Client) -> None:
    letter = _letter(_address())
    _send(stack, letter)
    (caught,) = catcher.get("/mails", params={"to": letter["To"]}).json()
    assert (caught["subject"], caught["text"]) == ("Booked", "Grüße\n")
    assert caught["message_id"] == letter["Message-ID"]
    assert catcher.get(f"/mails/{caught['id']}").json() == caught
    assert catcher.get("/mails/999999").status_code == 404


def test_the_page_of_a_letter_can_be_looked_at(stack: Stack, catcher: httpx.Client) -> None:
    letter, bare = _letter(_address()), _letter(_address())
    letter.add_alternative("<p>Grüße</p>", subtype="html")
    for sent in (letter, bare):
        _send(stack, sent)
    (caught,), (other,) = (
        catcher.get("/mails", params={"to": sent["To"]}).json() for sent in (letter, bare)
    )

    page = catcher.get(f"/mails/{caught['id']}.html")

    assert page.text.strip() == "<p>Grüße</p>"
    assert page.headers["Content-Type"].startswith("text/html")
    assert caught["text"] == "Grüße\n"
    assert catcher.get(f"/mails/{other['id']}.html").status_code == 404


def test_letters_outlive_a_restart(stack: Stack, catcher: httpx.Client) -> None:
    letter = _letter(_address())
    _send(stack, letter)
    stack.kill("mail")
    stack.restart("mail")
    assert len(catcher.get("/mails", params={"to": letter["To"]}).json()) == 1


@pytest.mark.parametrize("status", [451, 550])
def test_the_next_letters_are_refused_as_told_and_then_taken(
    stack: Stack, catcher: httpx.Client, status: int
) -> None:
    catcher.put("/refusals", json={"status": status, "times": 2}).raise_for_status()
    letter = _letter(_address())
    for _ in range(2):
        with pytest.raises(aiosmtplib.SMTPDataError) as refused:
            _send(stack, letter)
        assert refused.value.code == status
    _send(stack, letter)
    assert len(catcher.get("/mails", params={"to": letter["To"]}).json()) == 1


def test_a_refusal_that_is_no_refusal_is_not_taken(catcher: httpx.Client) -> None:
    assert catcher.put("/refusals", json={"status": 250, "times": 1}).status_code == 422


def test_letters_to_one_address_meet_what_was_asked_for_and_no_others_do(
    stack: Stack, catcher: httpx.Client
) -> None:
    letter, other = _letter(_address()), _letter(_address())
    for kind in ("refuse", "drop_after_data"):
        told = {"recipient": letter["To"], "kind": kind}
        catcher.post("/faults", json=told).raise_for_status()
    _send(stack, other)
    with pytest.raises(aiosmtplib.SMTPDataError) as refused:
        _send(stack, letter)
    assert refused.value.code == 451
    with pytest.raises(aiosmtplib.SMTPServerDisconnected):
        _send(stack, letter)
    # It was taken all the same, and so the sender's next try makes two of it.
    _send(stack, letter)
    assert len(catcher.get("/mails", params={"to": letter["To"]}).json()) == 2


def test_a_fault_that_is_none_is_not_taken(catcher: httpx.Client) -> None:
    told = {"recipient": _address(), "kind": "lunch"}
    assert catcher.post("/faults", json=told).status_code == 422
