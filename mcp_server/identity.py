"""Whose call it is: from the verified token's issuer and subject to a user of ours."""

import hashlib
from collections import OrderedDict
from contextvars import ContextVar
from uuid import UUID

from mcp.server.auth.middleware.auth_context import get_access_token

from starter import FrontDoor

REMEMBERED_TOKENS = 1_000

caller: ContextVar[UUID] = ContextVar("caller")
"""The user for whom the tool at work acts. No tool takes a user id from its arguments."""


class Callers:
    """The users behind tokens.

    Remembered per token, not per subject, so that no answer outlives the token it was given
    for. Expired tokens never get here; the oldest entries make room.
    """

    def __init__(self, door: FrontDoor) -> None:
        self._door = door
        self._known: OrderedDict[bytes, UUID] = OrderedDict()

    async def identify(self) -> UUID:
        """The user behind the request at work; also `caller` from here on.

        Raises:
            PermissionError: the request carries no verified token.
            OutsideError: the database did not answer.
        """
        token = get_access_token()
        if token is None or token.subject is None or token.claims is None:
            raise PermissionError("no verified token")
        fingerprint = hashlib.sha256(token.token.encode()).digest()
        user_id = self._known.get(fingerprint)
        if user_id is None:
            user_id = await self._door.user_for(str(token.claims["iss"]), token.subject)
            self._known[fingerprint] = user_id
            while len(self._known) > REMEMBERED_TOKENS:
                self._known.popitem(last=False)
        else:
            self._known.move_to_end(fingerprint)
        caller.set(user_id)
        return user_id
