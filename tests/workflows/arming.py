"""A registration that is armed, with seconds left to change it."""

from datetime import timedelta
from uuid import UUID

from domain.states import RegistrationStatus
from tests.eventually import eventually
from tests.workflows.world import TIMING, World

LEAD = timedelta(seconds=5)
"""What the world's timing needs for it: `@pytest.mark.lead(5)`."""

LEISURELY = TIMING.model_copy(update={"lead": LEAD})


async def armed(world: World) -> UUID:
    """With its marker written."""
    registration_id = await world.scheduled()
    row = await world.records.registration(registration_id)
    await world.until(row.scheduled_time - LEAD + timedelta(milliseconds=100))
    await world.row_when(registration_id, lambda r: r.status is RegistrationStatus.EXECUTING)
    await eventually(lambda: any(world.records.attempts.values()))
    return registration_id
