from mcp.server.mcpserver.tools import Tool

from domain.answers import PaymentMethodAnswer
from front_door.cards import Cards
from mcp_server.answers import CardSetupAnswer
from mcp_server.identity import caller
from mcp_server.tools.description import ADDS_OUTSIDE, LOOKS_OUTSIDE, described


class CardTools:
    """The card that the success fee is charged to."""

    def __init__(self, cards: Cards) -> None:
        self._cards = cards

    def tools(self) -> list[Tool]:
        """The tools of this subject."""
        return [
            described(self.start_card_setup, "Save a card", ADDS_OUTSIDE),
            described(self.get_payment_method, "Look at the saved card", LOOKS_OUTSIDE),
        ]

    async def start_card_setup(self) -> CardSetupAnswer:
        """Open a secure page on which the parent saves a card, or replaces the saved one.

        Give the parent the url as a link and say that nothing is charged now: the success fee
        is charged only after a place was booked. Never ask for card numbers in the chat. When
        the parent is back, call get_payment_method to see that the card is saved.
        """
        return CardSetupAnswer.of(await self._cards.start_setup(caller.get()))

    async def get_payment_method(self) -> PaymentMethodAnswer:
        """Look at the saved card: brand, last four digits, expiry.

        card is null while none is saved; setup_pending says that a card page was opened and is
        not finished yet. Without a card, use start_card_setup.
        """
        return await self._cards.payment_method(caller.get())
