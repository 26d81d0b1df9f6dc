"""What the workflows of `entities_under_test` are told."""

from domain.job_orders import JobOrder


class Things(JobOrder):
    names: tuple[str, ...] = ()
    once: bool = False
    """Whether each is worked on once for each nominal time, and not whenever asked for."""


class Thing(JobOrder):
    name: str
