"""What each program's own key is good for, through the data API."""

from urllib.parse import urlsplit
from uuid import uuid4

import jwt
import pytest

from sandbox.environment import OWN_KEYS, of_program
from sandbox.issuer.signing_keys import SigningKeys
from tests.database.callers import PROGRAM_ROLES, functions_called_by
from tests.database.rights import TABLES
from tests.stack.data_api import DataApi
from tests.stack.world import World

pytestmark = pytest.mark.xdist_group("stack")

PROGRAMS = {"web": "mcp", "worker": "worker"}
"""Each program of the callers, and its name in the sandbox."""
REFUSED = {401, 403}
HIDDEN = REFUSED | {404}
"""Of a table that nobody may read the data API may know nothing."""


def _key(world: World, role: str) -> str:
    return world.env[OWN_KEYS[PROGRAMS[PROGRAM_ROLES[role]]]]


@pytest.mark.parametrize("role", PROGRAM_ROLES)
def test_a_program_is_told_its_own_key_and_not_the_one_that_may_do_everything(
    world: World, role: str
) -> None:
    told = of_program(PROGRAMS[PROGRAM_ROLES[role]], world.env)
    claims = jwt.decode(told["SUPABASE_SERVICE_ROLE_KEY"], options={"verify_signature": False})
    assert claims == {"role": role}
    assert world.env["SUPABASE_SERVICE_ROLE_KEY"] not in told.values()
    # The worker alone reaches the database itself, as the role that only reads for backups.
    own = told.get("DATABASE_URL")
    user = urlsplit(own).username if own else None
    assert user == ("signupassist_backup" if role == "signupassist_worker" else None)


@pytest.mark.parametrize("role", PROGRAM_ROLES)
def test_a_program_s_key_opens_no_table(world: World, role: str) -> None:
    with DataApi(world, _key(world, role)) as program:
        for table in TABLES:
            column = world.columns(table)[0]
            row, any_row = {column: str(uuid4())}, {column: "not.is.null"}
            for answer in (
                program.select(table, column),
                program.ask("POST", f"/{table}", json=row),
                program.ask("PATCH", f"/{table}", json=row, params=any_row),
                program.ask("DELETE", f"/{table}", params=any_row),
            ):
                assert answer.status_code in HIDDEN, (table, answer.request.method)


@pytest.mark.parametrize("role", PROGRAM_ROLES)
def test_a_program_s_key_calls_what_the_program_calls_and_nothing_else(
    world: World, role: str
) -> None:
    functions = world.rows(
        "select proname, coalesce(proargnames[1:pronargs], '{}') from pg_proc"
        " where pronamespace = 'public'::regnamespace order by proname"
    )
    own = functions_called_by(PROGRAM_ROLES[role])
    before = world.everything()
    with DataApi(world, _key(world, role)) as program:
        for name, arguments in functions:
            if name not in own:
                called = program.ask("POST", f"/rpc/{name}", json=dict.fromkeys(arguments))
                assert called.status_code in REFUSED, (name, called.text)
        nobody = program.ask("POST", "/rpc/get_profile", json={"p_user_id": str(uuid4())})
        assert nobody.status_code not in REFUSED
    assert world.everything() == before


@pytest.mark.parametrize("role", ["service_role", *PROGRAM_ROLES])
def test_a_user_s_token_that_claims_a_stronger_role_is_still_a_user_s(
    world: World, role: str
) -> None:
    claims = jwt.decode(world.token("ann"), options={"verify_signature": False})
    proud = SigningKeys(world.stack.data / "issuer").sign({**claims, "role": role})
    with DataApi(world, proud) as user:
        assert user.select("programs", "id").status_code == 200
        assert user.ask("POST", "/rpc/ping", json={}).status_code in REFUSED
        ask = {"p_user_id": str(uuid4())}
        assert user.ask("POST", "/rpc/get_profile", json=ask).status_code in REFUSED


def test_a_program_s_key_forged_under_another_secret_is_refused(world: World) -> None:
    forged = jwt.encode({"role": "signupassist_worker"}, "s" * 64)
    with DataApi(world, forged) as program:
        assert program.ask("POST", "/rpc/orphans", json={}).status_code == 401
