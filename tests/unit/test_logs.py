import asyncio
import logging
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from types import SimpleNamespace
from uuid import UUID

import httpx
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from domain.family import NewChild
from domain.states import FeeStatus
from logs.temporal import CORE_LOG
from logs.values import shown
from tests.written_log import WrittenLog, written_log

ZEBEDEE = "Zebedee"
CHILD = NewChild(first_name=ZEBEDEE, last_name="Parent", birth_date=date(2016, 5, 4))
UUID_1 = UUID(int=1)
NOON = datetime(2027, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def log() -> Iterator[WrittenLog]:
    with written_log() as log:
        yield log


@pytest.mark.parametrize(
    ("value", "as_written"),
    [
        (None, None),
        (True, True),
        (2_000, 2_000),
        (1.5, 1.5),
        (UUID_1, str(UUID_1)),
        (NOON, "2027-01-01T12:00:00+00:00"),
        (timedelta(milliseconds=1_500), 1.5),
        (FeeStatus.DUE, "due"),
        (Enum("Kind", {"ONE": (1, 2)}).ONE, "ONE"),  # pyright: ignore[reportUnknownMemberType, reportAttributeAccessIssue]  # made here
        ([UUID_1, ZEBEDEE], [str(UUID_1), "<str>"]),
        (ZEBEDEE, "<str>"),
        (ZEBEDEE.encode(), "<bytes>"),
        (date(2016, 5, 4), "<date>"),
        (CHILD, "<NewChild>"),
        ({ZEBEDEE: 1}, "<dict>"),
        (SecretStr(ZEBEDEE), "<SecretStr>"),
        (httpx.URL(f"https://example.com/?who={ZEBEDEE}"), "<URL>"),
        (KeyError(ZEBEDEE), "KeyError"),
        (ConnectionRefusedError(111, ZEBEDEE), "ConnectionRefusedError(ECONNREFUSED)"),
    ],
)
def test_a_value_is_written_as_its_type_allows(
    log: WrittenLog, value: object, as_written: object
) -> None:
    structlog.get_logger("test").info("met", about=value)
    assert log.line["about"] == as_written
    assert (log.line["event"], log.line["logger"], log.line["level"]) == ("met", "test", "info")


@given(st.text() | st.lists(st.text()) | st.tuples(st.text(), st.lists(st.text())))
def test_no_text_is_written_under_a_name_that_is_not_known(value: object) -> None:
    assert set(str(shown(value, "name"))) <= set("[], '<str>")


def test_text_is_written_under_a_known_name_and_bounded(log: WrittenLog) -> None:
    structlog.get_logger().info("met", outcome="sold_out", why="x" * 1_000, who=ZEBEDEE)
    line = log.line
    assert (line["outcome"], line["who"], len(line["why"])) == ("sold_out", "<str>", 300)


def test_words_that_stand_in_the_code_are_written_and_those_put_together_are_not(
    log: WrittenLog,
) -> None:
    library = logging.getLogger("some.library")
    library.warning("the request failed")
    library.warning(f"the request of {ZEBEDEE} failed")
    structlog.get_logger().warning(f"{ZEBEDEE} failed")
    plain, composed, ours = log.lines
    assert plain["event"] == "the request failed"
    assert (composed["event"], composed["logger"]) == ("withheld", "some.library")
    assert composed["said_at"].startswith("test_logs.py:")
    assert ours["event"] == "withheld"


def test_what_a_library_fills_in_is_written_as_its_type_allows(log: WrittenLog) -> None:
    library = logging.getLogger("some.library")
    library.warning("%s %r of %s: %d tries, %s", UUID_1, CHILD, ZEBEDEE, 3, KeyError(ZEBEDEE))
    library.warning("%(who)s", {"who": ZEBEDEE})
    library.warning("%d of %s", ZEBEDEE)
    told, named, mistaken = (line["event"] for line in log.lines)
    assert told == f"{UUID_1} <NewChild> of <str>: 3 tries, KeyError"
    assert (named, mistaken) == ("<str>", "%d of %s")


def test_an_exception_is_written_as_types_and_frames_down_to_what_was_hidden(
    log: WrittenLog,
) -> None:
    def read_row() -> None:
        raise KeyError(ZEBEDEE)

    def answer() -> None:
        try:
            read_row()
        except KeyError:
            raise RuntimeError(ZEBEDEE) from None

    try:
        answer()
    except RuntimeError:
        structlog.get_logger().exception("crashed")
        logging.getLogger("some.library").exception("crashed")
    for line in log.lines:
        last, first = line["raised"]
        assert last.startswith("RuntimeError at test_logs.py:")
        assert last.endswith(" answer")
        assert first.startswith("KeyError at test_logs.py:")
        assert first.endswith(" read_row")
    assert ZEBEDEE not in log.getvalue()


def test_the_exceptions_of_a_group_are_written_each(log: WrittenLog) -> None:
    group = ExceptionGroup(ZEBEDEE, [KeyError(ZEBEDEE), OSError(28, ZEBEDEE)])
    structlog.get_logger().error("crashed", exc_info=group)
    assert log.line["raised"] == ["ExceptionGroup", "KeyError", "OSError(ENOSPC)"]


async def test_what_nobody_awaited_is_told_without_its_words(log: WrittenLog) -> None:
    async def book() -> None:
        raise KeyError(ZEBEDEE)

    task = asyncio.create_task(book())
    await asyncio.wait([task])
    del task
    told = log.line
    assert (told["logger"], told["event"]) == ("asyncio", "withheld")
    assert told["raised"][0].startswith("KeyError at ")
    assert ZEBEDEE not in log.getvalue()


def test_what_dies_in_a_thread_or_a_finaliser_is_told_without_its_words(
    log: WrittenLog, capfd: pytest.CaptureFixture[str]
) -> None:
    def die() -> None:
        raise KeyError(ZEBEDEE)

    thread = threading.Thread(target=die)
    thread.start()
    thread.join()
    sys.unraisablehook(SimpleNamespace(exc_value=KeyError(ZEBEDEE)))  # pyright: ignore[reportArgumentType]  # as far as it is read
    assert [line["event"] for line in log.lines] == ["thread_died", "exception_ignored"]
    assert ZEBEDEE not in log.getvalue() + "".join(capfd.readouterr())


def test_a_person_at_a_terminal_reads_words_and_is_shown_no_more() -> None:
    with written_log(terminal=True) as log:
        structlog.get_logger().warning("met", outcome="sold_out", who=ZEBEDEE)
    assert "sold_out" in log.getvalue()
    assert "{" not in log.getvalue()
    assert ZEBEDEE not in log.getvalue()


def test_temporals_own_lines_name_the_work_in_fields(log: WrittenLog) -> None:
    details = {
        "activity_type": "book",
        "workflow_id": "registration-1",
        "attempt": 2,
        "task_queue": "bookings",
    }
    library = logging.getLogger("temporalio.activity")
    library.warning("Failed completing activity task", extra={"temporal_activity": details})
    twice = {"__temporal_error_identifier": "ActivityFailure"}
    library.warning("Completing activity as failed", extra=twice)
    line = log.line
    assert line["event"] == "Failed completing activity task"
    assert (line["activity"], line["workflow_id"], line["attempt"]) == ("book", "registration-1", 2)


def test_what_the_sdks_core_says_is_a_line_without_its_fields(log: WrittenLog) -> None:
    said = SimpleNamespace(
        level=logging.WARNING,
        target="temporal_sdk_core",
        message="Failing workflow task",
        fields={"failure": ZEBEDEE},
        time=NOON.timestamp(),
    )
    assert CORE_LOG.forwarding is not None
    CORE_LOG.forwarding._on_logs([said])  # pyright: ignore[reportPrivateUsage, reportArgumentType]  # called by the core alone
    line = log.line
    assert (line["event"], line["logger"]) == ("Failing workflow task", "temporalio.core")
    assert ZEBEDEE not in log.getvalue()
