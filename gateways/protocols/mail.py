"""Mail to parents."""

from typing import Protocol

from domain.mail import Letter, WrittenLetter


class Words(Protocol):
    """What puts a letter in words. Pure: the same letter, the same words."""

    def write(self, letter: Letter) -> WrittenLetter: ...


class Mail(Protocol):
    """A way to send letters."""

    async def check(self) -> None:
        """Everything that comes before a letter, without one.

        Raises:
            MailUndelivered: no letter would be taken now.
        """
        ...

    async def send(self, letter: Letter) -> None:
        """Write the letter and hand it to the mail server. A repeat carries the same Message-ID.

        Raises:
            MailUndelivered: it was not taken.
        """
        ...
