"""A Prometheus of the drill's own, with our rules, and what it answers."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import yaml

from sandbox.environment import everybodys
from sandbox.probe import HOST, fetch
from sandbox.program import Program
from tests.drill.files import RULES, config

EVERY = "1s"
"""How often it scrapes and evaluates: a short opening is to be seen from its beginning."""

ANSWER_S = 30


class QueryError(Exception):
    """Prometheus did not evaluate an expression. The message says why."""


class Curve(NamedTuple):
    """One series of an answer."""

    labels: dict[str, str]
    points: list[tuple[float, float]]
    """Unix time and value; only finite ones."""


class Prometheus:
    """Serves on 127.0.0.1 only, and keeps everything in the folder.

    Args:
        binary: the program.
        folder: of its own.
        port: of its API.
        targets: HOST:PORT for each job of prometheus.yml, and of any further job.
    """

    def __init__(self, binary: Path, folder: Path, port: int, targets: Mapping[str, str]) -> None:
        self._port = port
        file = folder / "prometheus.yml"
        file.write_text(yaml.safe_dump(_config(targets)))
        self.program = Program(
            name="prometheus",
            argv=(
                str(binary),
                f"--config.file={file}",
                f"--storage.tsdb.path={folder / 'prometheus'}",
                f"--web.listen-address={HOST}:{port}",
                "--log.level=warn",
            ),
            env=everybodys(),
            ready=lambda: fetch(port, "/-/ready")[0] == HTTPStatus.OK,
        )

    def over(self, expression: str, since: datetime, until: datetime) -> list[Curve]:
        """What the expression gave, second by second.

        Raises:
            QueryError: it could not be evaluated.
        """
        span = {"start": since.timestamp(), "end": until.timestamp(), "step": "1s"}
        found = self._asked("query_range", {"query": expression, **span})["result"]
        curves = [Curve(one["metric"], _finite(one["values"])) for one in found]
        return [curve for curve in curves if curve.points]

    def names(self) -> set[str]:
        """Every metric that it has seen."""
        return set(self._asked("label/__name__/values", {}))

    def troubles(self) -> list[str]:
        """The rules that it could not evaluate, and the targets that it could not scrape."""
        groups = self._asked("rules", {})["groups"]
        targets = self._asked("targets", {})["activeTargets"]
        return [
            *(
                f"rule {rule['name']}: {rule.get('lastError') or rule['health']}"
                for group in groups
                for rule in group["rules"]
                if rule["health"] != "ok"
            ),
            *(
                f"job {target['labels']['job']}: {target['lastError'] or target['health']}"
                for target in targets
                if target["health"] != "up"
            ),
        ]

    def _asked(self, what: str, parameters: Mapping[str, Any]) -> Any:
        with httpx.Client(trust_env=False, timeout=ANSWER_S) as client:
            answer = client.get(f"http://{HOST}:{self._port}/api/v1/{what}", params=parameters)
        body = answer.json()
        if body["status"] != "success":
            raise QueryError(body.get("error", "no reason given"))
        return body["data"]


def _config(targets: Mapping[str, str]) -> dict[str, Any]:
    """Ours, with other targets and shorter intervals."""
    jobs = [*(job["job_name"] for job in config()["scrape_configs"])]
    jobs += [job for job in targets if job not in jobs]
    return {
        **config(),
        "global": {"scrape_interval": EVERY, "evaluation_interval": EVERY},
        "rule_files": [str(RULES)],
        "scrape_configs": [
            {"job_name": job, "static_configs": [{"targets": [targets[job]]}]} for job in jobs
        ],
    }


def _finite(values: list[tuple[float, str]]) -> list[tuple[float, float]]:
    return [(at, float(value)) for at, value in values if math.isfinite(float(value))]


def now() -> datetime:
    """A moment for `over`."""
    return datetime.now(UTC)
