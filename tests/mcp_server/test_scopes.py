"""What a token must grant, beside being good."""

from typing import Any

import pytest

from tests.mcp_server.world import PUBLIC_HOST, World

pytestmark = pytest.mark.asyncio(loop_scope="module")


GRANTED: dict[str, dict[str, Any]] = {
    "scope": {"scope": "openid registrations"},
    "permissions": {"scope": None, "permissions": ["registrations"]},
    "permissions beside other scopes": {"scope": "openid", "permissions": ["registrations"]},
}
NOT_GRANTED: dict[str, dict[str, Any]] = {
    "neither claim": {"scope": None},
    "other scopes": {"scope": "openid profile"},
    "a longer word": {"scope": "registrations:read my-registrations"},
    "other letters": {"scope": "Registrations"},
    "a list for scope": {"scope": ["registrations"]},
    "text for permissions": {"scope": None, "permissions": "registrations"},
    "permissions that are no words": {"scope": None, "permissions": [["registrations"], 7, None]},
    "no permission": {"scope": "openid", "permissions": []},
}


@pytest.mark.parametrize("kind", GRANTED)
async def test_the_scope_may_stand_in_either_claim(served: World, kind: str) -> None:
    assert (await served.post(served.issuer.token("ann", **GRANTED[kind]))).status_code == 200


@pytest.mark.parametrize("kind", NOT_GRANTED)
async def test_a_good_token_without_the_scope_is_told_what_it_lacks(
    served: World, kind: str
) -> None:
    refused = await served.post(served.issuer.token("ann", **NOT_GRANTED[kind]))
    assert refused.status_code == 403
    assert refused.json()["error"] == "insufficient_scope"
    challenge = refused.headers["WWW-Authenticate"]
    assert 'error="insufficient_scope"' in challenge
    assert challenge.endswith(', scope="registrations"')
    assert f'resource_metadata="https://{PUBLIC_HOST}/.well-known/' in challenge
    assert served.records.identities == {}


async def test_whoever_has_no_token_is_told_which_scope_to_ask_for(served: World) -> None:
    refused = await served.post(None)
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"].endswith(', scope="registrations"')
