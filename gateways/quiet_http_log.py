"""httpx's own log line, without the query: a search for a customer carries a mail address."""

import logging

import httpx


class WithoutQuery(logging.Filter):
    """Takes the query off every URL that httpx logs."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(
                value.copy_with(query=None, fragment=None)
                if isinstance(value, httpx.URL)
                else value
                for value in record.args
            )
        return True


_without_query = WithoutQuery()


def keep_queries_out_of_logs() -> None:
    """Make httpx log no query, whatever level the program sets. Repeatable."""
    logging.getLogger("httpx").addFilter(_without_query)
