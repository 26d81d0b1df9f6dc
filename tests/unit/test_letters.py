"""What letters say, from the row of the outbox to the words."""

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from uuid import uuid4

import pytest

from domain.family import Reader
from domain.letters import compose
from domain.mail import WrittenLetter, letter_id
from domain.registrations import Notification, Registration
from domain.states import NotificationKind
from gateways.fakes.records import InMemoryRecords
from gateways.stationery import words
from gateways.stationery.writing import LETTERS
from sandbox.mail_gallery.samples import letters
from tests.gateways.households import failure, new_household

GALLERY = {name: words().write(letter) for name, letter in letters().items()}
NO_LETTERS = {"about_registration", "fee_afterwards", "ways_to_pay"}
"""Templates that letters are made of."""


async def _written(
    kind: NotificationKind, facts: dict[str, str], *, failed: bool = False
) -> WrittenLetter:
    records = InMemoryRecords()
    row = await (await new_household(records)).executing()
    if failed:
        await records.record_outcome(failure(row))
    told = Notification(id=uuid4(), registration_id=row.id, kind=kind, facts=facts)
    return words().write(compose(told, await records.dossier(row.id)))


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"failure_code": "sold_out"}, "Nothing was charged."),
        (
            {"failure_code": "sold_out", "fee": "returned"},
            "The success fee was given back to your card.",
        ),
    ],
)
async def test_a_letter_of_no_booking_says_what_became_of_the_money(
    facts: dict[str, str], said: str
) -> None:
    letter = await _written(NotificationKind.NOT_BOOKED, facts, failed=True)

    assert letter.text.splitlines()[2:4] == ["Every place was taken.", said]


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (dict[str, str](), "Nothing was charged."),
        ({"fee": "open"}, "The success fee may have been charged"),
    ],
)
async def test_a_letter_of_a_review_denies_no_charge_that_may_have_been_made(
    facts: dict[str, str], said: str
) -> None:
    letter = await _written(NotificationKind.UNDER_REVIEW, facts)

    assert said in letter.text
    assert "do not book it a second time" in letter.text


async def test_a_letter_s_id_follows_from_what_it_tells() -> None:
    records = InMemoryRecords()
    row = await (await new_household(records)).pending()
    (told,) = await records.unsent(row.id)
    again = told.model_copy(update={"id": uuid4()})

    ids = {compose(one, await records.dossier(row.id)).message_id for one in (told, again)}

    assert ids == {letter_id("scheduled", row.id, "1")}


async def _opening(reader: Reader) -> tuple[str, Registration]:
    records = InMemoryRecords()
    family = await new_household(records)
    row = await family.pending()
    await records.save_reader(family.user_id, reader)
    (told,) = await records.unsent(row.id)
    return words().write(compose(told, await records.dossier(row.id))).text, row


@pytest.mark.parametrize(
    ("reader", "zone", "shown"),
    [
        (Reader(), "America/New_York", r"\w+day, \w+ \d+, \d{4}, \d+:\d\d:\d\d [AP]M Eastern"),
        (Reader(locale="en_GB", time_zone="Europe/London"), "Europe/London", r"\w+day,? \d+ \w+"),
        (Reader(locale="de_DE", time_zone="Europe/Berlin"), "Europe/Berlin", r"\w+, \d+\. \w+ \d"),
        (Reader(locale="xx_XX", time_zone="Mars/Base"), "Mars/Base", "Coordinated Universal Time"),
    ],
    ids=["of the opening", "British", "German", "unknown"],
)
async def test_times_are_told_as_the_parent_reads_them_with_the_zone_s_name(
    reader: Reader, zone: str, shown: str
) -> None:
    text, _ = await _opening(reader)

    assert f"({zone})" in text
    assert re.search(shown, text), text


@pytest.mark.parametrize(
    ("locale", "shown"),
    [("en_US", "$240.00"), ("de_DE", "240,00\N{NO-BREAK SPACE}$"), ("en_CA", "US$240.00")],
)
def test_amounts_are_told_in_their_currency_as_the_parent_reads_them(
    locale: str, shown: str
) -> None:
    booked = letters(Reader(locale=locale))["booked"]

    assert shown in words().write(booked).text


def test_every_kind_of_letter_has_its_template_and_its_place_in_the_gallery() -> None:
    templates = {file.stem for file in LETTERS.glob("*.j2")} - NO_LETTERS

    assert {name.partition("-")[0] for name in GALLERY} == templates
    assert set(NotificationKind) <= templates


@dataclass
class _Page(HTMLParser):
    """What a reader sees and what a browser would do."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.addresses: list[str] = []
        self.said: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src")]

    def handle_data(self, data: str) -> None:
        if self.elements[-1:] != ["style"]:
            self.said += data.split()


def _read(html: str) -> _Page:
    page = _Page()
    page.feed(html)
    return page


@pytest.mark.parametrize("name", GALLERY)
def test_both_forms_of_a_letter_say_the_same(name: str) -> None:
    letter = GALLERY[name]
    page = _read(letter.html)
    shown = " ".join(page.said)

    assert letter.subject
    assert "\n" not in letter.subject
    for line in filter(None, letter.text.splitlines()):
        assert line in shown or line in page.addresses, line


@pytest.mark.parametrize("name", GALLERY)
def test_a_letter_loads_nothing_and_tells_nobody_that_it_was_read(name: str) -> None:
    html = GALLERY[name].html
    page = _read(html)

    assert not {"img", "script", "link", "iframe", "object", "form"} & set(page.elements)
    assert page.addresses == [line for line in page.addresses if line in GALLERY[name].text]
    assert "url(" not in html
    assert "@import" not in html


@pytest.mark.parametrize("name", GALLERY)
def test_a_letter_is_readable_on_a_phone_aloud_and_in_the_dark(name: str) -> None:
    html = GALLERY[name].html
    page = _read(html)

    assert 'lang="en"' in html
    assert 'name="viewport"' in html
    assert "prefers-color-scheme: dark" in html
    assert page.elements.count("h1") == 1
    assert html.count('role="presentation"') == page.elements.count("table")


def test_what_others_wrote_stays_text() -> None:
    letter = letters()["booked"]
    about = letter.about.model_copy(
        update={"program": "<script>alert(1)</script> & more", "booking_number": '"><img src=x>'}
    )

    written = words().write(letter.model_copy(update={"about": about, "first_name": "<b>Ann"}))

    assert not {"script", "img", "b"} & set(_read(written.html).elements)
    assert written.subject.startswith("Booked: <script>alert(1)</script> & more (")
    assert "Hello <b>Ann," in written.text
