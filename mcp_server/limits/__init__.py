"""How much is taken at once, from all and from each, and how long a slow client is waited for."""

from datetime import timedelta

from domain.frozen import Frozen


class Limits(Frozen):
    """What one server process allows. Beyond it a request is answered, and costs nothing more."""

    body_bytes: int = 256 * 1024
    """Of any request: far more than a tool's arguments or a booking in a webhook need."""

    body_within: timedelta = timedelta(seconds=10)
    """From the end of a request's head to the end of its body."""

    in_flight: int = 256
    """Requests at work at once, those of everybody together; `/healthz` is not counted."""

    user_in_flight: int = 128
    """Those of one user: nobody takes more than half."""

    user_per_second: float = 30
    """Requests of one user in the long run. A chat makes a few, a test of everything some more."""

    user_burst: int = 600
    """What a user who was quiet for a while may ask at once."""

    users: int = 10_000
    """How many users are remembered. Whoever asked longest ago is forgotten first; after
    `user_burst / user_per_second` seconds of quiet that changes nothing."""
