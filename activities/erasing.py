"""Erasing an account: what the database does of it."""

from temporalio import activity

from activities.failures import as_failure
from activities.heartbeat import heartbeating
from domain.backup_errors import BackupsNotConfigured
from domain.erasures import (
    AccountPurge,
    DueErasures,
    Erasure,
    ErasureLook,
    ErasureOrder,
)
from domain.errors import OutsideError
from domain.findings import erasure_waits, erasure_waits_key
from gateways import BackupArchive, Records


class Erasing:
    """The steps of an erasure that are a transaction each. Every one may be repeated."""

    def __init__(self, records: Records, archive: BackupArchive) -> None:
        self._records = records
        self._archive = archive

    @activity.defn(name="due_erasures")
    async def due_erasures(self, order: AccountPurge) -> DueErasures:
        """The accounts whose time had come by the run's nominal time."""
        at = order.due or activity.info().scheduled_time
        try:
            with heartbeating():
                return DueErasures(accounts=await self._records.due_erasures(at, order.limit))
        except OutsideError as error:
            raise as_failure(error) from error

    @activity.defn(name="look_at_erasure")
    async def look_at_erasure(self, order: ErasureOrder) -> ErasureLook:
        """What has to end before; an operator is told of it, and that it is over."""
        user_id = order.user_id
        try:
            with heartbeating():
                case = await self._records.erasure_case(user_id)
                begun = case.erasure is not None and case.erasure.began_at is not None
                waits_for = () if begun else case.waits_for
                if case.erasure is not None and waits_for:
                    await self._records.raise_alert(erasure_waits(case.erasure, waits_for))
                else:
                    await self._records.settle_alert(erasure_waits_key(user_id))
        except OutsideError as error:
            raise as_failure(error) from error
        return ErasureLook(waits_for=tuple(dict.fromkeys(one.because for one in waits_for)))

    @activity.defn(name="begin_erasure")
    async def begin_erasure(self, order: ErasureOrder) -> Erasure:
        """From here on there is no way back."""
        try:
            with heartbeating():
                return await self._records.begin_erasure(order.user_id)
        except OutsideError as error:
            raise as_failure(error) from error

    @activity.defn(name="log_erasure")
    async def log_erasure(self, order: ErasureOrder) -> None:
        """Keep a copy of the wish, as it stands, where the backups lie.

        Where none are made there is none that could bring anybody back.
        """
        try:
            with heartbeating():
                erasure = (await self._records.erasure_case(order.user_id)).erasure
                if erasure is not None:
                    await self._archive.log_erasure(erasure)
        except BackupsNotConfigured:
            activity.logger.info("no backups are made here, so the database alone knows of it")
        except OutsideError as error:
            raise as_failure(error) from error

    @activity.defn(name="erase_rows")
    async def erase_rows(self, order: ErasureOrder) -> Erasure:
        """All but whom to write to last."""
        try:
            with heartbeating():
                return await self._records.erase_rows(order.user_id)
        except OutsideError as error:
            raise as_failure(error) from error

    @activity.defn(name="finish_erasure")
    async def finish_erasure(self, order: ErasureOrder) -> Erasure:
        """The parent goes, too."""
        try:
            with heartbeating():
                return await self._records.finish_erasure(order.user_id)
        except OutsideError as error:
            raise as_failure(error) from error
