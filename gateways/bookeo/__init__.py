"""The booking provider Bookeo, over its HTTP API v2."""

from gateways.bookeo.accounts import BookeoAccounts
from gateways.bookeo.wire import BookeoTimeouts

__all__ = ["BookeoAccounts", "BookeoTimeouts"]
