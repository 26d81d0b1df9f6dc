from datetime import timedelta
from uuid import uuid4

import pytest

from tests.stack.once import assert_happened_once
from tests.stack.openings import Openings
from tests.stack.parent import new_parent
from tests.stack.world import World

pytestmark = pytest.mark.xdist_group("stack")


async def test_a_product_that_was_added_a_moment_ago_is_booked(
    world: World, openings: Openings
) -> None:
    # By now the chat server and the worker have both read the organiser's products.
    await openings.twice.parent.until(openings.twice.draft, status="completed")
    parent = await new_parent(world, "hal")
    draft = await parent.draft(timedelta(seconds=7), product=f"new-{uuid4().hex[:8]}")
    await parent.confirm(draft)
    await assert_happened_once(parent, draft)
