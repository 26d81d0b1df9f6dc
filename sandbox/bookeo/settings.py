"""GET /settings/…: what the account sells and who may come."""

from sandbox.bookeo.accounts import Account
from sandbox.bookeo.paging import first_page, further_page
from sandbox.bookeo.products import ProductSeed, product_view
from sandbox.bookeo.times import rfc3339
from sandbox.simulator.answer import Answer
from sandbox.simulator.store import Transaction
from sandbox.simulator.vendor import Call


def api_key_info(call: Call, tx: Transaction, account: Account) -> Answer:
    """The preflight: which account the keys open, and what they may do."""
    del call, tx
    return Answer.of(
        {
            "accountId": account.account_id,
            "permissions": list(account.permissions),
            "creationTime": rfc3339(account.created_ms, account.time_zone),
        }
    )


def products(call: Call, tx: Transaction, account: Account) -> Answer:
    """Every product, paged."""
    further = further_page(call, tx, account)
    if further is not None:
        return further
    rows = tx.all(
        "SELECT seed FROM products WHERE account_id = ? ORDER BY product_id", account.account_id
    )
    items = [product_view(ProductSeed.model_validate_json(row["seed"])) for row in rows]
    return Answer.of(first_page(call, tx, account, items))


def people_categories(call: Call, tx: Transaction, account: Account) -> Answer:
    """Every people category; unpaged, under its own key."""
    del call, tx
    categories = [
        {"id": name, "name": name.removeprefix("C").capitalize(), "numSeats": seats}
        for name, seats in account.categories.items()
    ]
    return Answer.of({"categories": categories})
