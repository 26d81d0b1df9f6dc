"""A stand-in for Bookeo's API v2: deliberately without idempotency, as the real one."""
