"""Lists in pages: the first by its own query, the others by a navigation token."""

import json
import secrets
from math import ceil
from typing import Any

from sandbox.bookeo.accounts import Account
from sandbox.simulator.answer import Answer, Refused
from sandbox.simulator.store import Transaction
from sandbox.simulator.vendor import Call

DEFAULT_PER_PAGE = 50
MAX_PER_PAGE = 100
MAX_SLOTS_PER_PAGE = 300

Items = list[dict[str, Any]]


def first_page(
    call: Call,
    tx: Transaction,
    account: Account,
    items: Items,
    most: int = MAX_PER_PAGE,
    *,
    always_token: bool = False,
) -> dict[str, Any]:
    """The list's first page; the whole list is kept, as it is now, for the token.

    A list that fits one page has no token unless `always_token`.

    Raises:
        Refused: 400, itemsPerPage is out of range.
    """
    text = call.request.query_params.get("itemsPerPage", str(min(DEFAULT_PER_PAGE, most)))
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise Refused(400, f"itemsPerPage must be between 1 and {most}.")
    per_page = int(text)
    token: str | None = None
    if always_token or len(items) > per_page:
        token = secrets.token_urlsafe(18)
        tx.insert(
            "INSERT INTO pages (token, account_id, items, per_page, key) VALUES (?, ?, ?, ?, ?)",
            token,
            account.account_id,
            json.dumps(items),
            per_page,
            call.endpoint,
        )
    return _page(items, per_page, 1, token)


def further_page(call: Call, tx: Transaction, account: Account) -> Answer | None:
    """The page that a token asks for; None when the request has no token.

    Raises:
        Refused: 400 or 404, no such page or token.
    """
    token = call.request.query_params.get("pageNavigationToken")
    return None if token is None else page_of(call, tx, account, token, call.endpoint)


def page_of(call: Call, tx: Transaction, account: Account, token: str, endpoint: str) -> Answer:
    """The page `pageNumber` of the list that this endpoint began.

    Raises:
        Refused: 400 or 404, no such page or token.
    """
    row = tx.one(
        "SELECT * FROM pages WHERE token = ? AND account_id = ? AND key = ?",
        token,
        account.account_id,
        endpoint,
    )
    if row is None:
        raise Refused(404, "The page navigation token is unknown.")
    items: Items = json.loads(row["items"])
    number = call.request.query_params.get("pageNumber", "1")
    last = max(1, ceil(len(items) / row["per_page"]))
    if not number.isdecimal() or not 1 <= int(number) <= last:
        raise Refused(400, "There is no such page.")
    return Answer.of(_page(items, row["per_page"], int(number), token))


def _page(items: Items, per_page: int, number: int, token: str | None) -> dict[str, Any]:
    info: dict[str, Any] = {
        "totalItems": len(items),
        "totalPages": ceil(len(items) / per_page),
        "currentPage": number,
    }
    if token is not None:
        info["pageNavigationToken"] = token
    return {"info": info, "data": items[(number - 1) * per_page : number * per_page]}
