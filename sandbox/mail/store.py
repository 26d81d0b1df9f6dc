"""The caught messages, in a file that survives a restart."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from domain.frozen import Frozen, Instant


class CaughtMail(Frozen):
    """One message as it was handed over."""

    id: int
    received_at: Instant
    sender: str
    recipients: tuple[str, ...]
    message_id: str | None
    subject: str
    text: str


SCHEMA = """
create table if not exists mails (
  id integer primary key autoincrement,
  received_at text not null,
  sender text not null,
  recipients text not null,
  raw blob not null
)
"""


class MailStore:
    """Messages in the order of their arrival."""

    def __init__(self, file: Path) -> None:
        self._file = file
        with closing(self._open()) as database:
            database.execute(SCHEMA)

    def add(self, sender: str, recipients: list[str], raw: bytes) -> None:
        """Keep one message; it is on disk when this returns."""
        row = (datetime.now(UTC).isoformat(), sender, "\n".join(recipients), raw)
        with closing(self._open()) as database, database:
            database.execute(
                "insert into mails (received_at, sender, recipients, raw) values (?, ?, ?, ?)", row
            )

    def all(self, recipient: str | None = None) -> list[CaughtMail]:
        """Every message, or those to one address, oldest first."""
        with closing(self._open()) as database:
            rows = database.execute(
                "select id, received_at, sender, recipients, raw from mails order by id"
            ).fetchall()
        mails = [_read(row) for row in rows]
        return [mail for mail in mails if recipient is None or recipient in mail.recipients]

    def html(self, number: int) -> str | None:
        """The page of that message; None where there is none."""
        with closing(self._open()) as database:
            row = database.execute("select raw from mails where id = ?", (number,)).fetchone()
        if row is None:
            return None
        body = message_from_bytes(row[0], EmailMessage, policy=default).get_body(("html",))
        return body.get_content() if body is not None else None

    def clear(self) -> None:
        """Forget every message."""
        with closing(self._open()) as database, database:
            database.execute("delete from mails")

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self._file, timeout=10)


def _read(row: tuple[int, str, str, str, bytes]) -> CaughtMail:
    number, received_at, sender, recipients, raw = row
    message = message_from_bytes(raw, EmailMessage, policy=default)
    body = message.get_body(("plain", "html"))
    return CaughtMail(
        id=number,
        received_at=datetime.fromisoformat(received_at),
        sender=sender,
        recipients=tuple(recipients.split("\n")),
        # A long one comes on a line of its own, which begins with a blank.
        message_id=(message["Message-ID"] or "").strip() or None,
        subject=message["Subject"] or "",
        # Lines end in CR LF on the wire, and in LF where it was written.
        text=body.get_content().replace("\r\n", "\n") if body is not None else "",
    )
