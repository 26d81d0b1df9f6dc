"""Asking the parent once more, in the chat's own dialogue, before a confirm counts.

An extra, for a model that confirms what nobody agreed to: digest and fee are in the call, and are
checked, all the same. Nothing waits here for an answer. The question goes back as the call's
result, with its state sealed, and the client makes the same call again with both and the answer.
Why so: docs/decisions/0007-asked-once-more.md.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from mcp.server.mcpserver import (
    AcceptedElicitation,
    CancelledElicitation,
    Context,
    Elicit,
    ElicitationResult,
    RequestStateSecurity,
)
from pydantic import Field, SecretStr, StrictBool

from domain.frozen import Frozen
from domain.refusals import refuse
from front_door.agreements import Agreements
from mcp_server.identity import caller

ANSWER_WITHIN = timedelta(minutes=10)
"""How long an answer counts from when it was asked for: to read a few lines, and not overnight."""

QUESTION = "Do you agree to all of this?"


class Agreement(Frozen):
    """The form: one yes or no."""

    agreed: StrictBool = Field(
        title="I agree",
        description="Yes: register like this, and charge the success fee once the place is "
        "booked. No: nothing happens.",
    )


BY_THE_CALL = Agreement(agreed=True)
"""The agreement that every confirm is, by the digest and the fee in the call: all there is where
nobody can be asked."""


def sealing(keys: SecretStr | None) -> RequestStateSecurity | None:
    """How the state of a question is sealed, so that every process with the same keys takes the
    answer. Bound to the user, the tool and its arguments. None without keys.
    """
    if keys is None:
        return None
    given = [key.strip().rstrip("=") for key in keys.get_secret_value().split(",")]
    return RequestStateSecurity(keys=given, ttl=ANSWER_WITHIN.total_seconds())


class Asking:
    """The question of `confirm_registration`."""

    def __init__(self, agreements: Agreements, *, asks: bool) -> None:
        self._agreements = agreements
        self._asks = asks

    async def agreement(
        self,
        context: Context[Any, Any],
        registration_id: UUID,
        summary_digest: str,
        accepted_fee_cents: int,
    ) -> Elicit[Agreement] | Agreement:
        """The question; or, where nobody is asked, the agreement that the call itself is.

        The parent is asked only what may be confirmed, once the chat can show it, and never about
        what is confirmed already.

        Raises:
            Refused: with every reason against the confirm.
        """
        if not (self._asks and _shows_forms(context)):
            return BY_THE_CALL
        words = await self._agreements.words(
            caller.get(),
            registration_id,
            summary_digest,
            accepted_fee_cents,
            shown=context.request_state is not None,
        )
        return Elicit(f"{words}\n\n{QUESTION}", Agreement) if words is not None else BY_THE_CALL


def refuse_unless_agreed(answer: ElicitationResult[Agreement]) -> None:
    """Pass on a yes.

    A client that answers by itself looks like a parent who says no, and is taken for one: nobody
    is booked for who said no.

    Raises:
        Refused: `not_agreed`, `not_answered`.
    """
    match answer:
        case AcceptedElicitation(data=Agreement(agreed=True)):
            return
        case CancelledElicitation():
            raise refuse(
                "not_answered",
                "You were asked once more and gave no answer, so nothing is confirmed; the draft "
                "stays. Confirm again to be asked again. If you saw no question, this app cannot "
                "show it: confirm in another one.",
            )
        case _:
            raise refuse(
                "not_agreed",
                "You were asked once more and did not agree, so nothing is confirmed; the draft "
                "stays. If you saw no question, this app answered for you: confirm in another one.",
            )


def _shows_forms(context: Context[Any, Any]) -> bool:
    """Whether the client says of this very request that it can show a form.

    A client of an older protocol says it once, as its session begins, and a server without
    sessions is not told again: nor could it ask, because there the question is a request of the
    server's own, and the answer to that has no way back.
    """
    capabilities = context.client_capabilities
    elicitation = capabilities.elicitation if capabilities is not None else None
    # Without any mode means forms: it is how it was declared before there were modes.
    return elicitation is not None and (elicitation.form is not None or elicitation.url is None)
