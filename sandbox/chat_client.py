"""How a person's own chat client reaches the sandbox."""

import json
import os
import shlex
import sys
from pathlib import Path


def how_to_connect(mcp_url: str, data: Path) -> str:
    """What to type and what to paste, in words. Holds no token: they are not for logs."""
    return (
        "To connect your own chat client, make a token, good for a day:\n"
        f"  {token_command(data)}\n"
        "and put it into the client's configuration in place of TOKEN:\n"
        f"{client_configuration(mcp_url)}"
    )


def token_command(data: Path, user: str = "maria") -> str:
    """The command that prints a bearer token, as typed in the folder we were started in."""
    words = [_as_typed(Path(sys.executable)), "-m", "sandbox", "token"]
    return shlex.join([*words, "--data", _as_typed(data), "--user", user])


def client_configuration(mcp_url: str) -> str:
    """The JSON that chat clients read, with TOKEN where the token goes."""
    server = {
        "type": "http",
        "url": mcp_url,
        "headers": {"Authorization": "Bearer TOKEN"},
    }
    return json.dumps({"mcpServers": {"signupassist": server}}, indent=2)


def _as_typed(path: Path) -> str:
    here = Path.cwd()
    return os.path.relpath(path, here) if path.is_relative_to(here) else str(path)
