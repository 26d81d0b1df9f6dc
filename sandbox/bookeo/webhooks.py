"""Webhooks: registered by the client, signed with the account's secret key."""

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from typing import Any

from sandbox.bookeo.accounts import Account
from sandbox.bookeo.answers import created
from sandbox.bookeo.times import rfc3339
from sandbox.bookeo.wire import WebhookBody, read, written
from sandbox.simulator.answer import Answer, Refused
from sandbox.simulator.background import deliver, is_loopback_url
from sandbox.simulator.store import Transaction, now_ms
from sandbox.simulator.vendor import Call, Delivery

ANSWER_SECONDS = 5
"""A receiver must answer 2xx within this time."""


def register(call: Call, tx: Transaction, account: Account) -> Answer:
    """POST /webhooks."""
    body = read(call, WebhookBody)
    if not is_loopback_url(body.url):
        raise Refused(400, "The simulator delivers webhooks to this machine only: use 127.0.0.1.")
    webhook_id = f"W{secrets.token_hex(6)}"
    tx.insert(
        "INSERT INTO webhooks (account_id, webhook_id, url, domain, type) VALUES (?, ?, ?, ?, ?)",
        account.account_id,
        webhook_id,
        body.url,
        body.domain,
        body.type,
    )
    return created(call, f"/v2/webhooks/{webhook_id}", {"id": webhook_id, **written(body)})


def registered(call: Call, tx: Transaction, account: Account) -> Answer:
    """GET /webhooks."""
    del call
    rows = tx.all("SELECT * FROM webhooks WHERE account_id = ?", account.account_id)
    data = [
        {
            "id": row["webhook_id"],
            "url": row["url"],
            "domain": row["domain"],
            "type": row["type"],
        }
        for row in rows
    ]
    return Answer.of({"data": data})


def unregister(call: Call, tx: Transaction, account: Account) -> Answer:
    """DELETE /webhooks/{id}."""
    gone = tx.execute(
        "DELETE FROM webhooks WHERE account_id = ? AND webhook_id = ?",
        account.account_id,
        call.request.path_params["id"],
    )
    if not gone:
        raise Refused(404, "The webhook does not exist.")
    return Answer(204)


def announce(
    tx: Transaction,
    account: Account,
    domain: str,
    change: str,
    item_id: str,
    item: dict[str, Any],
) -> None:
    """Send the change to everyone who asked for it."""
    body = {"itemId": item_id, "timestamp": rfc3339(tx.now_ms, account.time_zone), "item": item}
    hooks = tx.all(
        "SELECT url, secret_key FROM webhooks JOIN accounts USING (account_id)"
        " WHERE account_id = ? AND domain = ? AND type = ?",
        account.account_id,
        domain,
        change,
    )
    for hook in hooks:
        notes = {"message_id": secrets.token_hex(12), "secret_key": hook["secret_key"]}
        deliver(tx, hook["url"], json.dumps(body).encode(), notes)


def sign(delivery: Delivery) -> Mapping[str, str]:
    """Hex HMAC-SHA256, key secretKey, over timestamp + message id + registered URL + raw body."""
    timestamp = str(int(now_ms()))
    message_id = str(delivery.attributes["message_id"])
    signed = f"{timestamp}{message_id}{delivery.url}".encode() + delivery.body
    key = str(delivery.attributes["secret_key"]).encode()
    return {
        "x-bookeo-timestamp": timestamp,
        "x-bookeo-messageid": message_id,
        "x-bookeo-signature": hmac.new(key, signed, hashlib.sha256).hexdigest(),
    }
