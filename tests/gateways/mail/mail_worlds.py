"""A way to send letters with a look into the letterbox: in memory, and SMTP to a real server."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import NamedTuple, Protocol

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from pydantic import SecretStr

from domain.errors import MailUndelivered
from domain.mail import Letter
from gateways.fakes.mail import FakeMail
from gateways.protocols.mail import Mail
from gateways.smtp_mail import SmtpMail

SENDER = "SignupAssist <hello@signupassist.example>"

LETTER = Letter(
    message_id="<11111111-2222-3333-4444-555555555555@signupassist>",
    to="ada.moreau@example.com",
    subject="Booked: Été aquatique (SCH-ABCD2345)",
    text="Hello Ada,\n\nyour place is booked.\n\n.\nSignupAssist\n",
)


class Arrived(NamedTuple):
    """What lies in the letterbox."""

    message_id: str
    to: str
    subject: str
    text: str


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
            Arrived(letter.message_id, letter.to, letter.subject, letter.text)
            for letter in self.mail.letters
        ]

    def refuse_next(self, *, permanent: bool) -> None:
        self.mail.script.fail_next("send", MailUndelivered("refused", permanent=permanent))


class SmtpWorld:
    """Also the handler of the server: answers each stage as told, once."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.mail = SmtpMail(SecretStr(f"smtp://127.0.0.1:{port}"), SENDER)
        self.raw: list[tuple[Envelope, EmailMessage]] = []
        self.refusals: dict[str, str] = {}
        self.passwords: list[bytes] = []

    def arrived(self) -> list[Arrived]:
        return [
            Arrived(
                message["Message-ID"], envelope.rcpt_tos[0], message["Subject"], text_of(message)
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


def text_of(message: EmailMessage) -> str:
    text: str = message.get_content()
    return text.replace("\r\n", "\n")


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
