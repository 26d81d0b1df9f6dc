"""One failure of one method, and look-ups that see nothing yet."""

from typing import Any

from domain.booking import Booking
from domain.payments import ChargeOutcome
from tests.workflows.world import World


def fails_once(target: object, method: str, error: Exception) -> None:
    """Let the next call of that method raise; afterwards it is itself again."""
    fails(target, method, error, times=1)


def fails(target: object, method: str, error: Exception, *, times: int) -> None:
    """Let that many calls of that method raise; afterwards it is itself again."""
    real = getattr(target, method)
    left = times

    async def failing(*args: Any, **kwargs: Any) -> Any:
        nonlocal left
        left -= 1
        if left >= 0:
            raise error
        return await real(*args, **kwargs)

    setattr(target, method, failing)


def lists_nothing(world: World, calls: int) -> None:
    """The provider lists nothing for that many look-ups, as a lagging region would."""
    find = world.provider.find
    left = calls

    async def lagging(*args: Any) -> list[Booking]:
        nonlocal left
        left -= 1
        return [] if left >= 0 else await find(*args)

    setattr(world.provider, "find", lagging)  # noqa: B010 - the fake's own type forbids it


def knows_no_booking(world: World, calls: int) -> None:
    """The provider shows no booking of any number for that many reads, lagging likewise."""
    read = world.provider.booking
    left = calls

    async def lagging(number: str) -> Booking | None:
        nonlocal left
        left -= 1
        return None if left >= 0 else await read(number)

    setattr(world.provider, "booking", lagging)  # noqa: B010 - the fake's own type forbids it


def lists_no_charge_at_first(world: World) -> None:
    """The payment service lists nothing for one look-up, as a lagging index would."""
    find = world.payments.find_charge
    looked = False

    async def lagging(*args: Any) -> ChargeOutcome | None:
        nonlocal looked
        found = await find(*args) if looked else None
        looked = True
        return found

    setattr(world.payments, "find_charge", lagging)  # noqa: B010 - the fake's own type forbids it
