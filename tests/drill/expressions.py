"""Which metrics an expression of Prometheus's language asks for."""

import re

_TEXTS = re.compile(r'"(?:[^"\\]|\\.)*"')
_MATCHERS = re.compile(r"\{[^}]*\}")
_LABELS = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)")
_NAMES = re.compile(r"(?<![\w:])[a-zA-Z_:][\w:]*(?!\s*\()(?![\w:])")
_WORDS = {"and", "or", "unless", "offset", "bool", "inf", "nan"}

_SAMPLES = re.compile(r"_(?:bucket|sum|count)$")


def metrics(expression: str) -> set[str]:
    """Their names, a histogram's by what it is called itself."""
    bare = _TEXTS.sub('""', expression)
    for noise in (_MATCHERS, _LABELS):
        bare = noise.sub(" ", bare)
    return {_SAMPLES.sub("", name) for name in _NAMES.findall(bare)} - _WORDS
