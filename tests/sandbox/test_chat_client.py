import json
import shlex
import subprocess
from pathlib import Path

import jwt

from sandbox.chat_client import client_configuration, how_to_connect, token_command
from sandbox.program import ROOT
from sandbox.up import Stack


def test_the_printed_command_makes_a_token_for_that_sandbox(stack: Stack) -> None:
    command = shlex.split(token_command(stack.data, "maria"))
    token = subprocess.run(  # noqa: S603 - our own program
        command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    ).stdout.strip()
    claims = jwt.decode(token, options={"verify_signature": False})  # pyright: ignore[reportUnknownMemberType]  # options are half typed
    assert (claims["iss"], claims["sub"]) == (stack.env["AUTH_ISSUER"], "local|maria")
    assert claims["aud"] == stack.env["AUTH0_AUDIENCE"]


def test_what_a_client_is_given_is_json_with_the_address_and_no_token() -> None:
    url = "http://127.0.0.1:8800/mcp"
    server = json.loads(client_configuration(url))["mcpServers"]["signupassist"]
    assert server["url"] == url
    assert server["headers"] == {"Authorization": "Bearer TOKEN"}
    assert client_configuration(url) in how_to_connect(url, Path("data"))
