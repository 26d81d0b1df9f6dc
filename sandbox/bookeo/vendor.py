"""The Bookeo simulator, put together."""

import json
from collections.abc import Mapping

from pydantic import SecretStr

from sandbox.bookeo import availability, bookings, customers, holds, later, settings, webhooks
from sandbox.bookeo.accounts import AccountHandler, authorised, calling_account
from sandbox.bookeo.answers import error
from sandbox.bookeo.faults import BOOKEO
from sandbox.bookeo.invariants import violations
from sandbox.bookeo.schema import SCHEMA
from sandbox.bookeo.seeding import CONTROL_ROUTES, AccountSeed, put_account
from sandbox.simulator.answer import Refused
from sandbox.simulator.store import Transaction
from sandbox.simulator.vendor import Call, Vendor, VendorRoute

ENDPOINTS: tuple[tuple[str, str, AccountHandler], ...] = (
    ("GET", "/settings/apikeyinfo", settings.api_key_info),
    ("GET", "/settings/products", settings.products),
    ("GET", "/settings/peoplecategories", settings.people_categories),
    ("GET", "/availability/slots", availability.slots),
    ("POST", "/availability/matchingslots", availability.matching_slots),
    ("GET", "/availability/matchingslots/{token}", availability.more_matching_slots),
    ("POST", "/holds", holds.hold),
    ("DELETE", "/holds/{id}", holds.release),
    ("GET", "/bookings", bookings.listed),
    ("POST", "/bookings", bookings.create),
    ("GET", "/bookings/{number}", bookings.get),
    ("PUT", "/bookings/{number}", bookings.change),
    ("DELETE", "/bookings/{number}", bookings.cancel),
    ("GET", "/customers", customers.search),
    ("POST", "/customers", customers.create),
    ("GET", "/customers/{id}", customers.get),
    ("DELETE", "/customers/{id}", customers.delete),
    ("GET", "/customers/{id}/bookings", customers.bookings),
    ("GET", "/customers/{id}/linkedpeople", customers.linked_people),
    ("POST", "/customers/{id}/linkedpeople", customers.link_person),
    ("DELETE", "/customers/{id}/linkedpeople/{person}", customers.unlink_person),
    ("GET", "/webhooks", webhooks.registered),
    ("POST", "/webhooks", webhooks.register),
    ("DELETE", "/webhooks/{id}", webhooks.unregister),
)


def bookeo_vendor(environment: Mapping[str, str]) -> Vendor:
    """The vendor. `BOOKEO_API_KEY` and `BOOKEO_SECRET_KEY`, when both are set, open the
    account `default` from the start.
    """
    api_key = environment.get("BOOKEO_API_KEY", "")
    secret_key = environment.get("BOOKEO_SECRET_KEY", "")

    def on_start(tx: Transaction) -> None:
        if api_key and secret_key:
            seed = AccountSeed(api_key=SecretStr(api_key), secret_key=SecretStr(secret_key))
            put_account(tx, seed)

    return Vendor(
        name="bookeo",
        schema=SCHEMA,
        routes=[
            VendorRoute(method, f"/v2{path}", authorised(handler))
            for method, path, handler in ENDPOINTS
        ],
        error=error,
        invariants=violations,
        control_routes=CONTROL_ROUTES,
        fault_kinds=BOOKEO,
        reference_of=_reference_of,
        on_start=on_start,
        jobs={later.COMMIT: later.commit, later.CANCEL: later.cancel},
        sign=webhooks.sign,
        delivery_timeout_seconds=webhooks.ANSWER_SECONDS,
    )


def _reference_of(call: Call, tx: Transaction) -> str | None:
    """The externalRef in the body, or of the booking or hold that the path names.

    A call that is about no single booking bears `account:<id>`, its caller.
    """
    number = call.request.path_params.get("number")
    if number is not None:
        row = tx.one("SELECT external_ref FROM bookings WHERE booking_number = ?", number)
        return None if row is None else row["external_ref"]
    if call.endpoint == "DELETE /v2/holds/{id}":
        held = call.request.path_params["id"]
        row = tx.one("SELECT external_ref FROM holds WHERE hold_id = ?", held)
        return None if row is None else row["external_ref"]
    if call.endpoint not in ("POST /v2/bookings", "POST /v2/holds"):
        return _caller(call, tx)
    try:
        reference: object = json.loads(call.body).get("externalRef")
    except (ValueError, AttributeError):
        return None
    return reference if isinstance(reference, str) else None


def _caller(call: Call, tx: Transaction) -> str | None:
    try:
        return f"account:{calling_account(call, tx).account_id}"
    except Refused:
        return None
