"""Why nothing was measured."""


class BenchError(Exception):
    """Nothing was measured. The message says why, and what to do."""
