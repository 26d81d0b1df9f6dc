"""Words of a person looked for in a text that also holds ids and instants."""

import re
from collections.abc import Iterable

UUID = re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE)


def whole_words(words: Iterable[str], text: str) -> list[str]:
    """The words that stand in the text as such.

    An id or a fraction of a second may hold the digits of a card by chance, and a UUID even as one
    of its groups: these are no finds.
    """
    said = UUID.sub("", text)
    return [one for one in words if re.search(rf"(?<![^\W_]){re.escape(one)}(?![^\W_])", said)]
