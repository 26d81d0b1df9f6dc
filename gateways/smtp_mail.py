"""Letters over SMTP."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from typing import Any
from urllib.parse import unquote, urlsplit

import aiosmtplib
from pydantic import SecretStr

from domain.errors import MailUndelivered
from domain.mail import Letter, WrittenLetter
from gateways.loopback import is_loopback
from gateways.protocols.mail import Words

TIMEOUT_SECONDS = 10.0
MALFORMED = "the mail server's URL must read smtp://[user:password@]host[:port]"
PERMANENT = 500
"""SMTP statuses from here on are final."""


class SmtpMail:
    """A `Mail` over one connection per letter.

    Attributes of construction:
        smtp_url: `smtp://[user:password@]host[:port]`, or `smtps://` for TLS from the first
            byte. A password is sent to another machine only under TLS.
        mail_from: the sender, `Name <address>` or an address alone.
        words: gives what puts the letters in words; asked with each, in a thread.

    Raises:
        ValueError: either is malformed; the message quotes neither.
    """

    def __init__(self, smtp_url: SecretStr, mail_from: str, words: Callable[[], Words]) -> None:
        try:
            url = urlsplit(smtp_url.get_secret_value())
            port = url.port
        except ValueError:
            raise ValueError(MALFORMED) from None
        if url.scheme not in ("smtp", "smtps") or not url.hostname:
            raise ValueError(MALFORMED)
        self._host = url.hostname
        self._tls = url.scheme == "smtps"
        self._port = port or (465 if self._tls else 587)
        self._user = unquote(url.username) if url.username else None
        self._password = unquote(url.password) if url.password else None
        self._sender = _mailbox(mail_from)
        self._words = words

    async def check(self) -> None:
        """Connect, turn on TLS, sign in and name the sender as for a letter; then leave.

        Raises:
            MailUndelivered: transient, whatever it is: an operator may repair it.
        """
        try:
            async with aiosmtplib.SMTP(**self._reaching()) as server:
                await server.mail(self._sender.addr_spec)
                await server.rset()
        except aiosmtplib.SMTPResponseException as refused:
            raise _undelivered(refused, [refused.code], permanent=False) from None
        except (aiosmtplib.SMTPException, OSError, ValueError) as failure:
            raise _undelivered(failure, [], permanent=False) from None

    async def send(self, letter: Letter) -> None:
        """Hand the letter over, as text and as HTML, under its own Message-ID.

        Raises:
            MailUndelivered: permanent where the server refused this letter or its recipient
                for good, or the letter can be no mail; else transient, which includes every
                refusal of our own sender or password: an operator repairs those.
        """
        # The first one loads what it takes: nothing else waits for that.
        written = await asyncio.to_thread(lambda: self._words().write(letter))
        message, recipient = self._message(written)
        try:
            await aiosmtplib.send(
                message,
                sender=self._sender.addr_spec,
                recipients=[recipient],
                **self._reaching(),
            )
        except aiosmtplib.SMTPRecipientsRefused as refused:
            codes = [each.code for each in refused.recipients]
            raise _undelivered(refused, codes, permanent=min(codes) >= PERMANENT) from None
        except aiosmtplib.SMTPDataError as refused:
            raise _undelivered(
                refused, [refused.code], permanent=refused.code >= PERMANENT
            ) from None
        except aiosmtplib.SMTPResponseException as refused:
            raise _undelivered(refused, [refused.code], permanent=False) from None
        except (aiosmtplib.SMTPException, OSError, ValueError) as failure:
            raise _undelivered(failure, [], permanent=False) from None

    def _reaching(self) -> dict[str, Any]:
        """How the server is reached and signed in to, in the library's words."""
        return {
            "hostname": self._host,
            "port": self._port,
            "username": self._user,
            "password": self._password,
            "use_tls": self._tls,
            "start_tls": self._start_tls(),
            "timeout": TIMEOUT_SECONDS,
        }

    def _start_tls(self) -> bool | None:
        """Demanded before a password goes to another machine; otherwise used where offered."""
        if self._tls:
            return False
        return True if self._user and not is_loopback(self._host) else None

    def _message(self, letter: WrittenLetter) -> tuple[EmailMessage, str]:
        """The mail and its one recipient. Headers refuse line breaks: none can be smuggled in."""
        try:
            recipient = Address(addr_spec=letter.to)
            message = EmailMessage(policy=SMTP)
            message["Message-ID"] = letter.message_id
            message["Date"] = datetime.now(UTC)
            message["From"] = self._sender
            message["To"] = recipient
            message["Subject"] = letter.subject
            message["Auto-Submitted"] = "auto-generated"
            message.set_content(letter.text)
            message.add_alternative(letter.html, subtype="html")
        except (ValueError, IndexError, TypeError):
            raise MailUndelivered(
                "the letter is no sendable mail: check its address and subject", permanent=True
            ) from None
        return message, recipient.addr_spec


def _mailbox(text: str) -> Address:
    name, address = parseaddr(text)
    try:
        return Address(display_name=name, addr_spec=address)
    except (ValueError, IndexError):
        raise ValueError("the sender must read `Name <address>` or be an address") from None


def _undelivered(failure: Exception, codes: list[int], *, permanent: bool) -> MailUndelivered:
    """Type and status only: a server's words may quote the recipient."""
    seen = ", ".join([type(failure).__name__, *(f"status {code}" for code in codes)])
    return MailUndelivered(f"the mail server takes no letter of ours: {seen}", permanent=permanent)
