"""What may be wished of a fee that is due, and who waits for the answer."""

from temporalio import workflow


class Turns:
    """One wish, however many have it: whoever asks before the answer is given shares it."""

    def __init__(self) -> None:
        self._asked = 0
        self._answered = 0

    @property
    def wanted(self) -> bool:
        """Whether somebody waits."""
        return self._asked > self._answered

    async def ask(self) -> None:
        """Wait for the next answer."""
        turn = self._answered + 1
        self._asked = turn
        await workflow.wait_condition(lambda: self._answered >= turn)

    def answer(self) -> None:
        """Let everyone who waits go on."""
        self._answered = max(self._answered, self._asked)
