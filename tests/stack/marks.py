"""Personal data that occurs nowhere else, in every spelling in which it may be written down."""

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote, quote_plus

GUARDIAN = {
    "first_name": "Ysolde-Zoë",
    "last_name": "Quillfeather Ångström",
    "email": "ysolde.quillfeather@example.com",
    "phone": "+1 (646) 907-3318",
    "birth_date": "1971-11-23",
}
CHILDREN = (
    {"first_name": "Peregrin", "last_name": "Quillfeather-Løv", "birth_date": "2015-10-31"},
    {"first_name": "Tamsin-Mäe", "last_name": "Ravensworth", "birth_date": "2018-08-17"},
)


class Marks:
    """Looks for each mark as it is, escaped for JSON and for URLs, and within base64."""

    def __init__(self, marks: Mapping[str, str]) -> None:
        """`marks` are each mark's text by what it is."""
        self._plain = {
            needle.lower(): what for what, mark in marks.items() for needle in _spellings(mark)
        }
        self._coded = {
            needle: what
            for what, mark in marks.items()
            for spelling in _spellings(mark)
            for needle in _in_base64(spelling)
        }

    def within(self, data: bytes) -> set[str]:
        """What of them is in there. Letters of another case count as well."""
        small = data.lower()
        found = {what for needle, what in self._plain.items() if needle in small}
        return found | {what for needle, what in self._coded.items() if needle in data}

    def within_any(self, texts: Iterable[bytes]) -> set[str]:
        """The same of many."""
        return self.within(b"\0".join(texts))


def of_the_family() -> dict[str, str]:
    """The marks of guardian and children; of the phone number also its digits alone."""
    digits = "".join(filter(str.isdigit, GUARDIAN["phone"]))
    marks = {f"guardian's {name}": text for name, text in GUARDIAN.items()}
    for number, child in enumerate(CHILDREN, start=1):
        marks |= {f"child {number}'s {name}": text for name, text in child.items()}
    return marks | {"guardian's phone in digits": digits}


def _spellings(mark: str) -> set[bytes]:
    forms = {mark, json.dumps(mark)[1:-1], quote(mark), quote(mark, safe=""), quote_plus(mark)}
    return {form.encode() for form in forms}


def _in_base64(text: bytes) -> Iterator[bytes]:
    """What base64 makes of it wherever it stands: the signs that its neighbours do not touch."""
    for before, touched in ((0, 0), (1, 2), (2, 3)):
        whole = (before + len(text)) * 8 // 6
        for encode in (b64encode, urlsafe_b64encode):
            yield encode(bytes(before) + text)[touched:whole]
