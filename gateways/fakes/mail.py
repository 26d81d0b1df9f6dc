"""Mail kept in memory: a `Mail` for tests and for work without a network."""

from domain.mail import Letter
from gateways.fakes.script import Script


class FakeMail:
    """Keeps every letter handed over, repeats included.

    Attributes:
        letters: in the order of sending.
        script: failures of `send` and `check`; raise `MailUndelivered` as the real one does.
    """

    def __init__(self) -> None:
        self.script = Script()
        self.letters: list[Letter] = []

    async def check(self) -> None:
        turn = self.script.take("check")
        await turn.before()
        await turn.after()

    async def send(self, letter: Letter) -> None:
        turn = self.script.take("send")
        await turn.before()
        self.letters.append(letter)
        await turn.after()

    def to(self, address: str) -> list[Letter]:
        """What that address got."""
        return [letter for letter in self.letters if letter.to == address]
