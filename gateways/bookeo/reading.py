"""Calls that may be repeated: one object, every page of a list, a creation searched for first."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from domain.errors import Rejected, Unavailable
from gateways.bookeo.answer import Answer, NoAnswer, NotSent
from gateways.bookeo.classification import created_id, refusal_of_call
from gateways.bookeo.models import Wire as WireModel
from gateways.bookeo.wire import Query, Wire

W = TypeVar("W", bound=WireModel)

MOST_PAGES = 200


class PageInfo(WireModel):
    """`info` of a list."""

    total_pages: int = 1
    current_page: int = 1
    page_navigation_token: str | None = None


class Page(WireModel):
    """One page of a list; its items are read one type at a time."""

    info: PageInfo = PageInfo()
    data: tuple[dict[str, Any], ...] = ()


class Reading:
    """Repeatable calls on one account.

    Every method raises Throttled, Unauthorised, Rejected or Unavailable. A lost answer is
    Unavailable here: repeating the call does no harm.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def call(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Answer:
        """The 2xx answer."""
        try:
            answer = await self._wire.exchange(method, path, query=query, body=body)
        except (NotSent, NoAnswer) as failure:
            raise Unavailable(f"{method} /{path}: {failure}") from None
        refusal = refusal_of_call(answer, f"{method} /{path}")
        if refusal is not None:
            raise refusal
        return answer

    async def one(self, kind: type[W], path: str, query: Query | None = None) -> W:
        """The object at that path."""
        answer = await self.call("GET", path, query=query)
        return _read(path, lambda: kind.model_validate_json(answer.body))

    async def every(self, kind: type[W], path: str, query: Query, *, per_page: int) -> list[W]:
        """Every item of every page, in the provider's order.

        A list that cannot be read to its end is Unavailable: the missing rest may hold what
        is looked for.
        """
        page = await self.one(Page, path, {**query, "itemsPerPage": per_page})
        items = list(page.data)
        token, pages = page.info.page_navigation_token, page.info.total_pages
        if pages > MOST_PAGES or (pages > 1 and token is None):
            raise Unavailable(f"GET /{path}: the list of {pages} pages cannot be read to its end")
        for number in range(2, pages + 1):
            turn: Query = {"pageNavigationToken": token or "", "pageNumber": number}
            try:
                items += (await self.one(Page, path, turn)).data
            except Rejected as gone:
                raise Unavailable(f"the list cannot be read to its end: {gone}") from None
        return _read(path, lambda: [kind.model_validate(item) for item in items])

    async def create(self, path: str, collection: str, body: Mapping[str, Any]) -> str:
        """POST to the collection; the id of what was made. Never repeated here."""
        answer = await self.call("POST", path, body=body)
        made = created_id(answer, collection)
        if made is None:
            raise Unavailable(f"POST /{path}: the answer names no id")
        return made


R = TypeVar("R")


def _read(path: str, parse: Callable[[], R]) -> R:
    try:
        return parse()
    except ValidationError:
        # Not chained: pydantic's message would quote the answer.
        raise Unavailable(f"/{path}: the answer is not what the provider documents") from None
