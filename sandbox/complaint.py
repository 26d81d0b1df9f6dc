"""What went wrong, in a sentence for the person at the terminal."""


class SandboxError(Exception):
    """The sandbox cannot go on. The message says what happened and what to do."""
