"""A way to send letters with a look into the letterbox: in memory, and SMTP to a real server."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import NamedTuple, Protocol

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from pydantic import SecretStr

from domain.errors import MailUndelivered
from domain.mail import AboutRegistration, Letter
from domain.money import Money
from domain.states import FeeStatus
from gateways.fakes.mail import FakeMail
from gateways.protocols.mail import Mail
from gateways.smtp_mail import SmtpMail
from gateways.stationery import words

SENDER = "SignupAssist <hello@signupassist.example>"

ABOUT = AboutRegistration(
    program="Été aquatique",
    organisation="Community Pool",
    code="SCH-ABCD2345",
    opens=datetime(2026, 12, 1, 14, tzinfo=UTC),
    begins=datetime(2027, 1, 12, 14, tzinfo=UTC),
    fee=Money(amount_cents=2_000),
    fee_status=FeeStatus.NOT_DUE,
    # A line of a dot alone ends a mail, unless it is kept from doing so.
    why=".",
)
LETTER = Letter(
    message_id="<booking_cancelled.11111111-2222-3333-4444-555555555555.1@signupassist>",
    to="ada.moreau@example.com",
    template="not_booked",
    first_name="Ada",
    about=ABOUT,
)
WRITTEN = words().write(LETTER)


def smtp_mail(url: str, sender: str = SENDER) -> SmtpMail:
    return SmtpMail(SecretStr(url), sender, words)


class Arrived(NamedTuple):
    """What lies in the letterbox."""

    message_id: str
    to: str
    subject: str
    text: str
    html: str


class MailWorld(Protocol):
    """The way under test, and the letterbox at its end."""

    @property
    def mail(self) -> Mail: ...

    def arrived(self) -> list[Arrived]: ...

    def refuse_next(self, *, permanent: bool) -> None: ...


class FakeWorld:
    def __init__(self) -> None:
        self.mail = FakeMail()

    def arrived(self) -> list[Arrived]:
        return [
            Arrived(letter.message_id, letter.to, letter.subject, letter.text, letter.html)
            for letter in self.mail.letters
        ]

    def refuse_next(self, *, permanent: bool) -> None:
        self.mail.script.fail_next("send", MailUndelivered("refused", permanent=permanent))


class SmtpWorld:
    """Also the handler of the server: answers each stage as told, once."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.mail = smtp_mail(f"smtp://127.0.0.1:{port}")
        self.raw: list[tuple[Envelope, EmailMessage]] = []
        self.refusals: dict[str, str] = {}
        self.passwords: list[bytes] = []

    def arrived(self) -> list[Arrived]:
        return [
            Arrived(
                # A long one comes on a line of its own, which begins with a blank.
                message["Message-ID"].strip(),
                envelope.rcpt_tos[0],
                message["Subject"],
                content_of(message, "plain"),
                content_of(message, "html"),
            )
            for envelope, message in self.raw
        ]

    def refuse_next(self, *, permanent: bool) -> None:
        self.refusals["DATA"] = "554 never" if permanent else "451 later"

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self.refusals.pop("MAIL", "250 OK")

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return self.refusals.pop("RCPT", "250 OK")

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        refusal = self.refusals.pop("DATA", None)
        if refusal is None:
            content = envelope.content
            assert isinstance(content, bytes)
            message = message_from_bytes(content, EmailMessage, policy=default)
            self.raw.append((envelope, message))
        return refusal or "250 OK"

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, given: object
    ) -> AuthResult:
        assert isinstance(given, LoginPassword)
        self.passwords.append(given.password)
        return AuthResult(success=True)


def content_of(message: EmailMessage, form: str) -> str:
    body = message.get_body((form,))
    assert body is not None
    text: str = body.get_content()
    return text.replace("\r\n", "\n").removesuffix("\n")


@asynccontextmanager
async def smtp_world() -> AsyncGenerator[SmtpWorld]:
    """An SMTP server of its own on loopback."""
    worlds: list[SmtpWorld] = []
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(
            worlds[0],
            enable_SMTPUTF8=True,
            hostname="localhost",
            authenticator=worlds[0].authenticate,
            auth_require_tls=False,
        ),
        "127.0.0.1",
        0,
    )
    worlds.append(SmtpWorld(server.sockets[0].getsockname()[1]))
    async with server:
        yield worlds[0]
