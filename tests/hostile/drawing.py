"""Drawing bad values: the same ones for the same seed."""

from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

Drawn = TypeVar("Drawn")

NASTY: list[Any] = [
    "",
    " ",
    "\x00",
    "null",
    "undefined",
    "NaN",
    "' OR 1=1; DROP TABLE children; --",
    "${jndi:ldap://127.0.0.1/a}",
    "{{7*7}}",
    "%s%n%p",
    "../../../../etc/passwd",
    "<script>alert(1)</script>",
    "\r\nX-Injected: yes",
    "\u202egnihtyreve",
    "\U0001f469\u200d\U0001f469\u200d\U0001f467" * 100,
    "z̷͙̄a̶̻͝l̵̰̀" * 50,
    "xyzzy" * 20_000,
    -1,
    2**31,
    2**63,
    10**40,
    -0.0,
    1e308,
    5e-324,
    True,
    None,
    [],
    {},
    [[[[[[[[[[]]]]]]]]]],
    {"$ref": "#"},
    {"__proto__": {"admin": True}},
    ["a"] * 1_000,
]
"""What has broken programs before."""

TEXTS = st.text(max_size=40) | st.sampled_from([it for it in NASTY if isinstance(it, str)])

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS
    | st.sampled_from(NASTY),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=8,
)
"""Anything that JSON can say."""


def drawn(strategy: st.SearchStrategy[Drawn], count: int, from_seed: int) -> list[Drawn]:
    """So many examples of it."""
    examples: list[Drawn] = []
    while len(examples) < count:
        examples.extend(_drawn_once(strategy, count - len(examples), from_seed + len(examples)))
    return examples


def _drawn_once(strategy: st.SearchStrategy[Drawn], count: int, from_seed: int) -> list[Drawn]:
    """Up to so many: hypothesis ends early where it knows no others, but never without one."""
    examples: list[Drawn] = []

    @seed(from_seed)
    @settings(
        max_examples=count,
        phases=[Phase.generate],
        derandomize=False,
        database=None,
        deadline=None,
        suppress_health_check=[
            HealthCheck.too_slow,
            HealthCheck.data_too_large,
            HealthCheck.filter_too_much,
            HealthCheck.large_base_example,
        ],
    )
    @given(strategy)
    def collect(example: Drawn) -> None:
        examples.append(example)

    collect()
    assert examples
    return examples[:count]
