"""The letters about an account's deletion. Each goes out once, under a Message-ID of its own."""

from temporalio import activity

from activities.delivery import taken
from activities.failures import as_failure
from activities.heartbeat import heartbeating
from domain.erasure_letters import account_deleted, deletion_asked
from domain.erasures import Erasure, ErasureLetter, ErasureOrder
from domain.errors import OutsideError
from gateways import Mail, Records


class ErasureLetters:
    """Writes to the parent, as long as there is an address."""

    def __init__(self, records: Records, mail: Mail) -> None:
        self._records = records
        self._mail = mail

    @activity.defn(name="tell_erasure_asked")
    async def tell_erasure_asked(self, order: ErasureOrder) -> None:
        """That it was asked for: so that whoever did not ask learns of it. Nothing, once kept."""
        try:
            with heartbeating():
                erasure = (await self._records.erasure_case(order.user_id)).wish
                if erasure is not None and erasure.asked_told_at is None:
                    await self._tell(erasure, ErasureLetter.ASKED)
        except OutsideError as error:
            raise as_failure(error) from error

    @activity.defn(name="tell_erased")
    async def tell_erased(self, order: ErasureOrder) -> None:
        """That it is done."""
        try:
            with heartbeating():
                erasure = (await self._records.erasure_case(order.user_id)).erasure
                if erasure is not None and erasure.erased_told_at is None:
                    await self._tell(erasure, ErasureLetter.ERASED)
        except OutsideError as error:
            raise as_failure(error) from error

    async def _tell(self, erasure: Erasure, kind: ErasureLetter) -> None:
        """Also noted where there is nobody to write to, or the address is none."""
        profile = await self._records.profile(erasure.user_id)
        if profile.guardian is not None:
            compose = deletion_asked if kind is ErasureLetter.ASKED else account_deleted
            await taken(self._mail, compose(erasure, profile.guardian, profile.reader))
        await self._records.note_erasure_told(erasure.user_id, kind)
