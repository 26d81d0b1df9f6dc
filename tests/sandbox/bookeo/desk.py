"""What tests seed and send again and again."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from sandbox.bookeo.control import BookeoControl

TOKEN = "control-token-for-tests"
KEYS = {"x-bookeo-apikey": "api-key", "x-bookeo-secretkey": "secret-key"}
ENVIRONMENT = {"BOOKEO_API_KEY": "api-key", "BOOKEO_SECRET_KEY": "secret-key"}
STARTS = (datetime.now(UTC) + timedelta(days=20)).replace(microsecond=0)


class Desk:
    """A client of the simulator with one customer."""

    def __init__(self, base_url: str, control: BookeoControl, client: httpx.Client) -> None:
        self.base_url = base_url
        self.control = control
        self.client = client
        self.customer = self.new_customer()

    def new_customer(self, email: str = "parent@example.com") -> str:
        body = {"firstName": "Pat", "lastName": "Lee", "emailAddress": email}
        return self.client.post("/customers", json=body).json()["id"]

    def event(self, event_id: str = "E1", *, product: str = "P1", **more: Any) -> str:
        defaults: dict[str, Any] = {"capacity": 10, "starts_at": STARTS}
        settings = defaults | more
        settings.setdefault("ends_at", settings["starts_at"] + timedelta(hours=1))
        self.control.put_event(product, event_id, **settings)
        return event_id

    def order(self, reference: str | None = "r1", *, event: str = "E1", children: int = 1) -> Any:
        body: dict[str, Any] = {
            "productId": "P1",
            "eventId": event,
            "customerId": self.customer,
            "participants": {"numbers": [{"peopleCategoryId": "Cchildren", "number": children}]},
        }
        return body if reference is None else body | {"externalRef": reference}

    def book(
        self, reference: str | None = "r1", *, event: str = "E1", children: int = 1
    ) -> httpx.Response:
        order = self.order(reference, event=event, children=children)
        return self.client.post("/bookings", json=order)

    def window(self, **more: str) -> dict[str, str]:
        """Query parameters around the events' time."""
        return {
            "startTime": (STARTS - timedelta(days=1)).isoformat(),
            "endTime": (STARTS + timedelta(days=2)).isoformat(),
            **more,
        }

    def changed(self, **more: str) -> dict[str, str]:
        """Query parameters around now."""
        now = datetime.now(UTC)
        return {
            "lastUpdatedStartTime": (now - timedelta(minutes=5)).isoformat(),
            "lastUpdatedEndTime": (now + timedelta(minutes=5)).isoformat(),
            **more,
        }
