"""The one TLS context of the process: loading the certificates takes up to half a second."""

from functools import cache
from ssl import SSLContext

import httpx


@cache
def shared_tls() -> SSLContext:
    """The default of httpx: the platform's settings, certifi's certificates."""
    return httpx.create_ssl_context()
