import secrets
from collections.abc import Container

ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
"""No 0 O, 1 I L, U: thirty signs that cannot be mistaken for one another."""


def fresh_code(prefix: str, taken: Container[str]) -> str:
    """A code such as `SCH-7KQ2M9XA` that is not taken yet."""
    while True:
        code = f"{prefix}-{''.join(secrets.choice(ALPHABET) for _ in range(8))}"
        if code not in taken:
            return code
