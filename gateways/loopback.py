"""Whether a host is this machine itself."""

from ipaddress import ip_address


def is_loopback(host: str | None) -> bool:
    """True for `localhost` and the loopback addresses. A stand-in lives there, never a proxy."""
    if not host:
        return False
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
