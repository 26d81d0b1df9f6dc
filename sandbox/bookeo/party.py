"""The party of a booking: how many of whom, and who they are."""

from collections import Counter

from sandbox.bookeo.accounts import Account
from sandbox.bookeo.products import ProductSeed
from sandbox.bookeo.wire import NEW, SELF, UNKNOWN, Participants, PeopleNumber
from sandbox.simulator.answer import Refused
from sandbox.simulator.store import Transaction


def seats_of(account: Account, numbers: tuple[PeopleNumber, ...]) -> int:
    """Seats the party takes; a category may take none.

    Raises:
        Refused: 400, a category the account does not have.
    """
    for people in numbers:
        if people.people_category_id not in account.categories:
            raise Refused(400, f"The people category {people.people_category_id!r} is unknown.")
    return sum(account.categories[p.people_category_id] * p.number for p in numbers)


def check_party(product: ProductSeed, account: Account, numbers: tuple[PeopleNumber, ...]) -> None:
    """Hold the party against the product's limits.

    Raises:
        Refused: 400, nobody comes, or too few or too many.
    """
    seats_of(account, numbers)
    counts = Counter[str]()
    for people in numbers:
        counts[people.people_category_id] += people.number
    if counts.total() == 0:
        raise Refused(400, "At least one participant is needed.")
    for limit in product.booking_limits:
        category = limit.people_category_id
        size = counts.total() if category is None else counts[category]
        if size < limit.min or (limit.max is not None and size > limit.max):
            raise Refused(400, "The number of participants is outside this product's limits.")


def check_details(
    tx: Transaction, account: Account, participants: Participants, customer_id: str | None
) -> None:
    """Each described participant is within the numbers, described once, and known.

    Raises:
        Refused: 400, one is not.
    """
    counts = Counter[str]()
    for people in participants.numbers:
        counts[people.people_category_id] += people.number
    described: set[tuple[str, int]] = set()
    for detail in participants.details:
        place = (detail.people_category_id, detail.category_index)
        if detail.category_index > counts[detail.people_category_id] or place in described:
            raise Refused(400, "The participant details do not fit the participant numbers.")
        described.add(place)
        if detail.person_id == NEW and detail.person_details is None:
            raise Refused(400, "A new participant needs personDetails.")
        if detail.person_id in (SELF, NEW, UNKNOWN):
            continue
        linked = tx.one(
            "SELECT 1 AS found FROM people"
            " WHERE account_id = ? AND person_id = ? AND customer_id IS ?",
            account.account_id,
            detail.person_id,
            customer_id,
        )
        if linked is None:
            raise Refused(400, "A participant is not one of the customer's linked people.")
