"""What a confirm needs of a family. What is missing is said before any run is begun."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import cast

import pytest
from temporalio.testing import WorkflowEnvironment

from domain.answers import DraftAnswer
from domain.refusals import Refused
from domain.states import RegistrationStatus
from tests.workflows.world import World, build_world


class NoServer:
    """In the place of Temporal, which a confirm that is refused must not even ask."""

    client = None

    async def get_current_time(self) -> datetime:
        return datetime.now(UTC)


@pytest.fixture
async def world() -> World:
    return await build_world(cast("WorkflowEnvironment", NoServer()))


def _profile(world: World, **changes: object) -> None:
    profile = world.records.profiles[world.user]
    world.records.profiles[world.user] = profile.model_copy(update=changes)


def _no_guardian(world: World, _draft: DraftAnswer) -> None:
    _profile(world, guardian=None)


def _a_guardian_of_ten(world: World, _draft: DraftAnswer) -> None:
    guardian = world.records.profiles[world.user].guardian
    assert guardian is not None
    born = date(datetime.now(UTC).year - 10, 1, 1)
    _profile(world, guardian=guardian.model_copy(update={"birth_date": born}))


def _no_card(world: World, _draft: DraftAnswer) -> None:
    _profile(world, card=None)


def _no_customer(world: World, _draft: DraftAnswer) -> None:
    _profile(world, stripe_customer_id=None)


def _no_children(world: World, draft: DraftAnswer) -> None:
    world.records.row_children[draft.registration_id] = ()


async def _codes(world: World, draft: DraftAnswer, digest: str, fee_cents: int) -> set[str]:
    with pytest.raises(Refused) as refused:
        await world.door.changes.confirm(world.user, draft.registration_id, digest, fee_cents)
    assert world.records.rows[draft.registration_id].status is RegistrationStatus.DRAFT
    assert draft.registration_id not in world.records.mandates
    return {reason.code for reason in refused.value.reasons}


@pytest.mark.parametrize(
    ("missing", "code"),
    [
        (_no_guardian, "guardian_incomplete"),
        (_a_guardian_of_ten, "guardian_minor"),
        (_no_card, "no_card"),
        (_no_customer, "no_card"),
        (_no_children, "no_children"),
    ],
)
async def test_a_confirm_says_what_is_missing(
    world: World, missing: Callable[[World, DraftAnswer], None], code: str
) -> None:
    draft = await world.draft()
    missing(world, draft)

    assert await _codes(world, draft, draft.summary_digest, draft.success_fee_cents) == {code}


@pytest.mark.parametrize(
    ("guardian", "code"),
    [(_no_guardian, "guardian_incomplete"), (_a_guardian_of_ten, "guardian_minor")],
)
async def test_a_confirm_says_everything_that_is_missing_at_once(
    world: World, guardian: Callable[[World, DraftAnswer], None], code: str
) -> None:
    draft = await world.draft()
    product = await world.provider.product("prod1")
    world.provider.add_product(product.model_copy(update={"members_only": True}))
    for missing in (guardian, _no_card, _no_children):
        missing(world, draft)

    assert await _codes(world, draft, "0" * 64, draft.success_fee_cents + 1) == {
        "digest_mismatch",
        "fee_mismatch",
        code,
        "no_card",
        "no_children",
        "provider_blocked",
    }
