"""How often each user may ask."""

from collections import OrderedDict
from time import monotonic


class Allowances:
    """A token bucket a user, in a table that does not grow beyond its size."""

    def __init__(self, per_second: float, burst: int, users: int) -> None:
        self._per_second = per_second
        self._burst = burst
        self._users = users
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._left)

    def take(self, user: str) -> float:
        """Take one, or say in how many seconds there will be one. 0 where it was taken."""
        now = monotonic()
        left, counted_at = self._left.pop(user, (float(self._burst), now))
        left = min(self._burst, left + (now - counted_at) * self._per_second)
        taken = left >= 1
        self._left[user] = (left - 1 if taken else left, now)
        while len(self._left) > self._users:
            self._left.popitem(last=False)
        return 0 if taken else (1 - left) / self._per_second
