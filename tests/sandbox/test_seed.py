import httpx

from sandbox.catalogue import OFFERS
from sandbox.seed import seed
from sandbox.up import Stack


def _programs(stack: Stack) -> dict[str, str]:
    """Event to id, as the application finds those of the seeded organisations."""
    found: dict[str, str] = {}
    for org_ref in {offer.organisation.account.org_ref for offer in OFFERS}:
        answer = httpx.post(
            f"{stack.env['SUPABASE_URL']}/rest/v1/rpc/find_programs",
            headers={"apikey": stack.env["SUPABASE_SERVICE_ROLE_KEY"]},
            json={"p_text": None, "p_org_ref": org_ref, "p_limit": 100},
        )
        programs = [row["program"] for row in answer.raise_for_status().json()]
        found |= {program["event_id"]: program["id"] for program in programs}
    return found


def test_seeding_twice_leaves_the_same_programs(stack: Stack) -> None:
    assert seed(stack.env) == "2 organisations with 6 programs are loaded."
    first = _programs(stack)
    seed(stack.env)
    assert _programs(stack) == first
    assert first.keys() == {offer.event for offer in OFFERS}


def test_each_organisation_sells_its_products_under_its_own_key(stack: Stack) -> None:
    seed(stack.env)
    sold: dict[str, set[str]] = {}
    for variable in ("BOOKEO_API_KEY", "BOOKEO_API_KEY__NORTHSIDE"):
        keys = {
            "X-Bookeo-apiKey": stack.env[variable],
            "X-Bookeo-secretKey": stack.env["BOOKEO_SECRET_KEY"],
        }
        answer = httpx.get(f"{stack.env['BOOKEO_API_BASE']}/settings/products", headers=keys)
        sold[variable] = {product["productId"] for product in answer.json()["data"]}
    assert sold["BOOKEO_API_KEY"] == {"swim-level-1", "swim-level-2", "swim-team"}
    assert sold["BOOKEO_API_KEY__NORTHSIDE"] == {"soccer-camp", "goalkeeper-clinic"}
