from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pydantic import SecretStr
from temporalio.client import Client, WorkflowFailureError

from activities.armed_activities import TemporalActivities
from activities.clock import SystemClock
from activities.lane_room import LaneRoom
from activities.lane_watch import LaneWatch
from connection import Gateways
from domain.erasures import ErasureOrder, ErasureReport
from gateways.bookeo import BookeoAccounts
from gateways.protocols.records import Records
from gateways.smtp_mail import SmtpMail
from gateways.stationery import words
from gateways.stripe_payments import StripePayments
from gateways.supabase_records import SupabaseRecords
from sandbox.up import Stack
from served import workers
from tests.backups import Vault, vault
from tests.erasure.lives import Life, lived
from tests.mandates import MANDATES
from tests.workflows.real_time import real_time_server
from workflows.entities import entity_id
from workflows.erasure import ErasureWorkflow
from workflows.queues import MAINTENANCE

WORKER_KEY = "SUPABASE_WORKER_KEY"
QUEUES = ("transfer", "visibility")
LOOK_AGAIN = timedelta(milliseconds=200)


@dataclass
class World:
    """The embedded world, and a worker in this process that may do what a worker may."""

    stack: Stack
    temporal: Client
    gateways: Gateways
    """An operator's, to set the scene with."""
    worker: Gateways
    kept: Vault
    serving: AsyncExitStack

    @property
    def database_url(self) -> str:
        return self.stack.env["DATABASE_URL"]

    @property
    def records(self) -> Records:
        return self.gateways.records

    async def life(self) -> Life:
        return await lived(self.gateways, self.temporal)

    async def due(self) -> Life:
        """One whose month is over."""
        life = await self.life()
        await self.records.ask_erasure(life.user_id, timedelta())
        return life

    async def serve(self, *interceptors: Any) -> None:
        """From now on until the end of the test."""
        room = LaneRoom(self.worker.records)
        self.serving.push_async_callback(room.aclose)
        watch = LaneWatch(self.worker.records, TemporalActivities(self.temporal), SystemClock())
        self.serving.push_async_callback(watch.aclose)
        env = self.stack.env
        (own,) = workers(
            self.temporal,
            self.worker,
            SmtpMail(SecretStr(env["SMTP_URL"]), env["MAIL_FROM"], words),
            room,
            watch,
            queues=(MAINTENANCE,),
            backups=self.kept.archive,
            interceptors=list(interceptors),
        )
        await self.serving.enter_async_context(own)

    async def night(self, user_id: UUID) -> ErasureReport | None:
        """What one night's run does for that account; None where it is ended by force."""
        try:
            return await self.temporal.execute_workflow(
                ErasureWorkflow.run,
                ErasureOrder(user_id=user_id, look_again=LOOK_AGAIN),
                id=entity_id("erasure", user_id),
                task_queue=MAINTENANCE,
            )
        except WorkflowFailureError:
            return None


@pytest.fixture
async def temporal() -> AsyncIterator[Client]:
    """A server that deletes histories soon: by itself it looks every 30 s what has ended."""
    soon = [f'history.{queue}ProcessorUpdateAckInterval="100ms"' for queue in QUEUES]
    async with real_time_server(*(f"--dynamic-config-value={one}" for one in soon)) as env:
        yield env.client


@pytest.fixture
async def world(embedded_stack: Stack, temporal: Client, tmp_path: Path) -> AsyncIterator[World]:
    env = embedded_stack.env
    async with AsyncExitStack() as stack:
        payments = StripePayments(SecretStr(env["STRIPE_SECRET_KEY"]), env["STRIPE_API_BASE"])
        stack.push_async_callback(payments.aclose)
        providers = BookeoAccounts(
            env["BOOKEO_API_BASE"],
            secret_key=SecretStr(env["BOOKEO_SECRET_KEY"]),
            api_keys={"default": SecretStr(env["BOOKEO_API_KEY"])},
        )
        stack.push_async_callback(providers.aclose)
        operators = await _records(stack, env["SUPABASE_URL"], env["SUPABASE_SERVICE_ROLE_KEY"])
        workers_own = await _records(
            stack, env["SUPABASE_URL"], env[WORKER_KEY], beside=env["SUPABASE_ANON_KEY"]
        )
        yield World(
            stack=embedded_stack,
            temporal=temporal,
            gateways=Gateways(operators, providers, payments, MANDATES),
            worker=Gateways(workers_own, providers, payments, MANDATES),
            kept=vault(tmp_path),
            serving=stack,
        )


async def _records(stack: AsyncExitStack, url: str, key: str, beside: str | None = None) -> Records:
    records = await SupabaseRecords.connect(url, key, api_key=beside)
    stack.push_async_callback(records.aclose)
    return records
