"""The table of the sandbox's programs: what each runs, with what, and after whom."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from sandbox.data_api.server import TrustedIssuer, data_api
from sandbox.environment import everybodys, of_program
from sandbox.keys import Keys
from sandbox.postgres.cluster import Cluster
from sandbox.private import private_folder
from sandbox.probe import answers, listens
from sandbox.program import ROOT, Program
from sandbox.temporal.server import Tasks, polls, temporal

PORTS = (
    *("mcp", "temporal", "temporal_ui", "postgres", "data_api", "bookeo", "stripe"),
    *("issuer", "smtp", "mail", "temporal_metrics", "metrics"),
)
"""Every port, in the order in which --port-base counts. The last is followed by one more: that of
the worker's lanes, which show their metrics one above."""

QUEUES = {
    "registrations": Tasks.WORKFLOW,
    "bookings": Tasks.ACTIVITY,
    "letters": Tasks.ACTIVITY,
    "maintenance": Tasks.WORKFLOW,
}
"""The worker serves when it asks for these: each of its parts for its own."""

REGISTRATIONS_PART, LANES_PART = "--queue=registrations", "--queue=bookings"
"""By which the worker's child processes are told apart."""


@dataclass(frozen=True)
class Layout:
    """Where one sandbox keeps and serves everything."""

    data: Path
    ports: Mapping[str, int]
    keys: Keys
    cluster: Cluster
    variables: Mapping[str, str]


def all_programs(layout: Layout) -> dict[str, Program]:
    """Every program by name, each after those it needs."""
    makers: tuple[Callable[[Layout], Program], ...] = (
        _postgres,
        _temporal,
        _issuer,
        _mail,
        _bookeo,
        _stripe,
        _data_api,
        _worker,
        _mcp,
    )
    programs = [make(layout) for make in makers]
    return {program.name: program for program in programs}


NAMES = (
    *("postgres", "temporal", "issuer", "mail", "bookeo", "stripe"),
    *("data_api", "worker", "mcp"),
)


def _postgres(layout: Layout) -> Program:
    return layout.cluster.program(everybodys())


def _temporal(layout: Layout) -> Program:
    return temporal(
        env=everybodys(),
        port=layout.ports["temporal"],
        ui_port=layout.ports["temporal_ui"],
        metrics_port=layout.ports["temporal_metrics"],
        data=private_folder(layout.data / "temporal") / "temporal.db",
        namespace=layout.variables["TEMPORAL_NAMESPACE"],
    )


def _issuer(layout: Layout) -> Program:
    port = layout.ports["issuer"]
    keys = layout.data / "issuer"
    return Program(
        name="issuer",
        argv=_module("sandbox.issuer", "serve", f"--port={port}", f"--keys={keys}"),
        env=everybodys(),
        ready=lambda: answers(port, "/.well-known/jwks.json"),
    )


def _mail(layout: Layout) -> Program:
    port, smtp = layout.ports["mail"], layout.ports["smtp"]
    file = layout.data / "mail.db"
    return Program(
        name="mail",
        argv=_module(
            "sandbox.mail", "serve", f"--port={port}", f"--smtp-port={smtp}", f"--data={file}"
        ),
        env=everybodys(),
        ready=lambda: answers(port, "/mails") and listens(smtp),
    )


def _bookeo(layout: Layout) -> Program:
    return _simulator(
        layout,
        "bookeo",
        ("BOOKEO_API_KEY", "BOOKEO_SECRET_KEY", "BOOKEO_SIM_CONTROL_TOKEN"),
    )


def _stripe(layout: Layout) -> Program:
    program = _simulator(
        layout,
        "stripe",
        (
            *("STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET", "STRIPE_PRICE_ID"),
            "STRIPE_SIM_CONTROL_TOKEN",
        ),
    )
    # Whoever serves there, also where somebody else starts it; until then it is tried again.
    ours = f"http://127.0.0.1:{layout.variables['MCP_PORT']}/webhooks/stripe"
    return replace(program, env={**program.env, "STRIPE_SIM_WEBHOOK_URL": ours})


def _simulator(layout: Layout, name: str, secrets: tuple[str, ...]) -> Program:
    port = layout.ports[name]
    file = layout.data / f"{name}.db"
    own = {secret: layout.variables[secret] for secret in secrets}
    return Program(
        name=name,
        argv=_module(f"sandbox.{name}", "serve", f"--port={port}", f"--data={file}"),
        env={**everybodys(), **own},
        ready=lambda: answers(port, "/_sim/health"),
    )


def _data_api(layout: Layout) -> Program:
    told = layout.variables
    return data_api(
        env=everybodys(),
        port=layout.ports["data_api"],
        database_url=layout.cluster.url("authenticator"),
        secret_key=told["SUPABASE_SERVICE_ROLE_KEY"],
        publishable_key=told["SUPABASE_ANON_KEY"],
        jwt_secret=layout.keys.supabase_jwt_secret,
        trusted=TrustedIssuer(
            issuer=told["AUTH_ISSUER"],
            jwks_url=told["AUTH_JWKS_URL"],
            audience=told["AUTH0_AUDIENCE"],
        ),
        needs=("postgres", "deploy", "packages"),
    )


def _worker(layout: Layout) -> Program:
    program = Program(
        name="worker",
        argv=(sys.executable, str(ROOT / "worker.py")),
        env=of_program("worker", layout.variables),
        ready=lambda: True,
        needs=("deploy", "data_api", "temporal", "mail"),
    )
    ui_port, namespace = layout.ports["temporal_ui"], layout.variables["TEMPORAL_NAMESPACE"]
    ours = f"127.0.0.1:{layout.ports['temporal']}"
    if layout.variables["TEMPORAL_ADDRESS"] != ours:
        return program  # of a server elsewhere nobody here can tell who polls it
    started = [datetime.now(UTC)]
    return replace(
        program,
        prepare=lambda: started.append(datetime.now(UTC)),
        ready=lambda: all(
            polls(ui_port, namespace, queue, tasks, since=started[-1])
            for queue, tasks in QUEUES.items()
        ),
    )


def _mcp(layout: Layout) -> Program:
    port = int(layout.variables["MCP_PORT"])
    return Program(
        name="mcp",
        argv=_module("mcp_server"),
        env=of_program("mcp", layout.variables),
        ready=lambda: answers(port, "/healthz"),
        needs=("deploy", "data_api", "temporal", "issuer"),
    )


def _module(name: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", name, *arguments)
