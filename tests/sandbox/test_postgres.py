import os
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from sandbox.complaint import SandboxError
from sandbox.keys import Keys
from sandbox.ports import assign
from sandbox.postgres import cluster as cluster_module
from sandbox.postgres import unprivileged
from sandbox.postgres.cluster import SUPERUSER, Cluster
from sandbox.program import Child
from sandbox.up import Stack


def _alone(folder: Path, stack: Stack) -> tuple[Cluster, Child]:
    """A cluster of its own beside the stack's."""
    port = assign(["alone"], folder / "ports.json", None)["alone"]
    assert port != int(stack.env["DATABASE_URL"].rsplit(":", 1)[1].split("/")[0])
    cluster = Cluster(folder / "postgres", port, Keys.load(folder))
    return cluster, Child(cluster.program(dict(os.environ)), folder / "postgres.log")


def test_committed_rows_outlive_a_kill_of_the_server(stack: Stack) -> None:
    table = f"kept_{uuid4().hex}"
    with psycopg.connect(stack.env["DATABASE_URL"]) as connection:
        connection.execute(f"create table {table} as select 7 as number".encode())
    stack.kill("postgres")
    stack.restart("postgres")
    with psycopg.connect(stack.env["DATABASE_URL"]) as connection:
        found = connection.execute(f"table {table}".encode()).fetchone()
        connection.execute(f"drop table {table}".encode())
    assert found == (7,)


@pytest.mark.parametrize("role", [SUPERUSER, "postgres", "authenticator"])
def test_no_role_logs_in_without_its_password(stack: Stack, role: str) -> None:
    assert stack.cluster is not None
    url = stack.cluster.url(role)
    password = url.split(":")[2].split("@")[0]
    for wrong in (url.replace(f":{password}@", "@"), url.replace(password, "postgres")):
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(wrong, connect_timeout=5)


def test_only_the_bootstrap_role_is_a_superuser(stack: Stack) -> None:
    with psycopg.connect(stack.env["DATABASE_URL"]) as connection:
        supers = connection.execute("select rolname from pg_roles where rolsuper").fetchall()
    assert supers == [(SUPERUSER,)]


def test_a_pid_file_whose_pid_now_is_another_programs_does_not_stop_the_start(
    tmp_path: Path, stack: Stack
) -> None:
    cluster, server = _alone(tmp_path, stack)
    server.start()
    server.signal(9)
    pid_file = cluster.folder / "postmaster.pid"
    _, _, rest = pid_file.read_text().partition("\n")
    pid_file.write_text(f"{stack.pid('temporal')}\n{rest}")
    server.start()
    with psycopg.connect(cluster.url()) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    server.stop()


def test_a_second_server_on_the_same_folder_is_refused(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert stack.cluster is not None
    monkeypatch.setattr(cluster_module, "LAST_RUN_SECONDS", 0.1)
    with pytest.raises(SandboxError, match="Another Postgres still serves"):
        stack.cluster.prepare()


def test_root_without_setpriv_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unprivileged, "is_needed", lambda: True)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SandboxError, match=r"Install util-linux, or run .* as an ordinary user"):
        unprivileged.as_other_user(["postgres"], death_signal="INT")


def test_an_ordinary_user_runs_postgres_directly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unprivileged, "is_needed", lambda: False)
    assert unprivileged.as_other_user(["postgres"], death_signal="INT") == ["postgres"]
