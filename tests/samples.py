"""What Prometheus would read of a program's metrics."""

import re

from sandbox.probe import fetch

_SAMPLE = re.compile(r"^(?P<name>\w+)(?:\{(?P<labels>.*)\})? (?P<value>\S+)$")
_LABEL = re.compile(r'(\w+)="([^"]*)"')
_OF_THE_SDK = {"namespace", "task_queue", "activity_type", "workflow_type", "service_name"}


def samples(port: int, name: str) -> dict[tuple[str, ...], float]:
    """The values of that name on that port, by the sorted words in labels of ours."""
    found: dict[tuple[str, ...], float] = {}
    for line in fetch(port, "/metrics")[1].decode().splitlines():
        sample = _SAMPLE.match(line)
        if sample is None or sample["name"] != name:
            continue
        labels = _LABEL.findall(sample["labels"] or "")
        words = tuple(sorted(word for key, word in labels if key not in _OF_THE_SDK and word))
        found[words] = found.get(words, 0) + float(sample["value"])
    return found
