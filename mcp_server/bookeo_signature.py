"""Whether a webhook comes from Bookeo, and is fresh."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from pydantic import SecretStr

REPLAY_WINDOW = timedelta(minutes=5)
"""Either way: a message older than this, or from so far ahead, is not believed."""


class BookeoSignature:
    """Bookeo's rule: `X-Bookeo-Signature` is the hexadecimal HMAC-SHA256, keyed by the
    application's secret key, over timestamp, message id, registered URL and raw body.
    """

    def __init__(self, secret_key: SecretStr, url: str) -> None:
        """`url` is the address exactly as it was registered at Bookeo."""
        self._key = secret_key.get_secret_value().encode()
        self._url = url.encode()

    @property
    def host(self) -> str:
        """The name under which Bookeo reaches us: it need not be that of the chat clients."""
        return urlsplit(self._url).netloc.decode()

    def holds(self, signature: str, timestamp: str, message_id: str, body: bytes) -> bool:
        """Whether Bookeo signed exactly this. Takes as long for a wrong one."""
        signed = b"".join((timestamp.encode(), message_id.encode(), self._url, body))
        expected = hmac.new(self._key, signed, hashlib.sha256).hexdigest()
        return hmac.compare_digest(expected.encode(), signature.strip().lower().encode())

    def fresh(self, timestamp: str, now: datetime) -> bool:
        """Whether it was signed just now; `timestamp` is in milliseconds since 1970."""
        try:
            signed_at = datetime.fromtimestamp(int(timestamp) / 1000, UTC)
        except (ValueError, OverflowError, OSError):
            return False
        return abs(now - signed_at) <= REPLAY_WINDOW
