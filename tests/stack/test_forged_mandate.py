"""Whoever can write every row, but holds no key of ours, has nothing booked and nothing charged."""

import asyncio
from datetime import timedelta

import jwt
import pytest
from pydantic import SecretStr

from domain.mandates import MandateClaims
from domain.timing import Timing
from gateways.signed_mandates import SignedMandates
from tests.mandates import seed
from tests.stack.haunting import confirm_with
from tests.stack.parent import Draft, new_parent
from tests.stack.world import PAY, SEND, World, asked

pytestmark = pytest.mark.xdist_group("stack")

OPENS_IN = timedelta(seconds=6)
ASLEEP = Timing(
    lead=timedelta(seconds=1), longest_spread=timedelta(), preparation=timedelta(seconds=1)
)
"""Until two seconds before the opening, so that there is time to forge."""

CAP, RAISED = 20_000, 90_000


def _token(world: World, draft: Draft) -> str:
    ((token,),) = world.rows("select token from mandates where registration_id = %s", draft.id)
    return token


def _forged(token: str) -> str:
    """A higher cap, signed by another key under the name of ours."""
    claims = jwt.decode(token, options={"verify_signature": False}) | {"max_total_cents": RAISED}
    stranger = SignedMandates(SecretStr(f"{jwt.get_unverified_header(token)['kid']}:{seed(8)}"))
    return stranger.sign(MandateClaims.model_validate(claims)).get_secret_value()


def _write(world: World, draft: Draft, token: str, cap: int) -> None:
    """Into both rows, so that they agree with the token in everything."""
    with world.superuser() as database:
        database.execute(
            "update mandates set token = %s, max_total_cents = %s where registration_id = %s",
            (token, cap, draft.id),
        )
        database.execute(
            "update scheduled_registrations set max_total_cents = %s where id = %s",
            (cap, draft.id),
        )


async def test_nothing_is_booked_or_charged_under_a_forged_mandate(world: World) -> None:
    asleep, unpaid = (
        await new_parent(world, "mallory"),
        await new_parent(world, "trudy", card="declined_when_charged"),
    )
    first, second = await asyncio.gather(asleep.draft(OPENS_IN), unpaid.draft(OPENS_IN))
    await asyncio.gather(confirm_with(world, asleep, first, ASLEEP), unpaid.confirm(second))
    _write(world, first, _forged(_token(world, first)), RAISED)

    failed = await asleep.until(first, status="failed")
    await unpaid.until(second, status="completed", fee_status="due")
    genuine = _token(world, second)
    _write(world, second, _forged(genuine), RAISED)
    await unpaid.save_card("success")
    refused = await unpaid.refusal("retry_fee", registration_id=str(second.id))

    assert failed["failure_code"] == "mandate_invalid"
    assert asked(world.bookeo.requests(first.reference), SEND) == []
    assert refused == ["fee_still_due"]
    charges = (first.fee(1), second.fee(2))
    assert [asked(world.stripe.requests(key), PAY) for key in charges] == [[], []]
    _write(world, second, genuine, CAP)
    paid = await unpaid.answer("retry_fee", registration_id=str(second.id))
    assert paid["fee_status"] == "paid"
