"""Mail kept in memory: a `Mail` for tests and for work without a network."""

from domain.mail import Letter, WrittenLetter
from gateways.fakes.script import Script
from gateways.stationery import words


class FakeMail:
    """Keeps every letter handed over, in the words that a parent would read, repeats included.

    Attributes:
        letters: in the order of sending.
        script: failures of `send` and `check`; raise `MailUndelivered` as the real one does.
    """

    def __init__(self) -> None:
        self.script = Script()
        self.letters: list[WrittenLetter] = []

    async def check(self) -> None:
        turn = self.script.take("check")
        await turn.before()
        await turn.after()

    async def send(self, letter: Letter) -> None:
        turn = self.script.take("send")
        await turn.before()
        self.letters.append(words().write(letter))
        await turn.after()

    def to(self, address: str) -> list[WrittenLetter]:
        """What that address got."""
        return [letter for letter in self.letters if letter.to == address]
