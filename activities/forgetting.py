"""Erasing an account: what others keep of it."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from temporalio import activity

from activities.failures import as_failure
from activities.heartbeat import heartbeating
from activities.histories import Histories
from domain.erasures import MOST_REGISTRATIONS, ErasureOrder, OrganisersReport
from domain.errors import OutsideError, Unauthorised
from domain.identifiers import (
    account_look_workflow_id,
    cancellation_workflow_id,
    erasure_notice_workflow_id,
    payment_recovery_workflow_id,
    registration_workflow_id,
    review_workflow_id,
)
from domain.registrations import Registration
from gateways import BookingProviders, Payments, Records


class Forgetting:
    """The steps of an erasure that are not the database's. Every one may be repeated."""

    def __init__(
        self,
        records: Records,
        providers: BookingProviders,
        payments: Payments,
        histories: Histories,
    ) -> None:
        self._records = records
        self._providers = providers
        self._payments = payments
        self._histories = histories

    @activity.defn(name="forget_at_organisers")
    async def forget_at_organisers(self, order: ErasureOrder) -> OrganisersReport:
        """Have each organiser forget the family, as far as it is there by us alone."""
        try:
            with heartbeating():
                return await self._at_organisers(order)
        except OutsideError as error:
            raise as_failure(error) from error

    async def _at_organisers(self, order: ErasureOrder) -> OrganisersReport:
        profile = await self._records.profile(order.user_id)
        if profile.guardian is None:
            return OrganisersReport()
        children = tuple(await self._records.children(order.user_id))
        forgotten = kept = 0
        for row, since in _first_named(await self._own(order)):
            account = (await self._records.agreement(row.id)).account
            try:
                provider = self._providers.account(account.credentials_ref, account.pace)
                gone = await provider.forget(profile.guardian, children, since)
            except Unauthorised:
                # We can do nothing there any more; the parent is told to ask the organiser.
                gone = False
            forgotten, kept = forgotten + gone, kept + (not gone)
        return OrganisersReport(forgotten=forgotten, kept=kept)

    @activity.defn(name="forget_customer")
    async def forget_customer(self, order: ErasureOrder) -> None:
        """Delete the customer at the payment service, with the cards."""
        try:
            with heartbeating():
                payer = await self._records.payer(order.user_id)
                if payer.stripe_customer_id is not None:
                    await self._payments.delete_customer(payer.stripe_customer_id)
        except OutsideError as error:
            raise as_failure(error) from error

    @activity.defn(name="forget_histories")
    async def forget_histories(self, order: ErasureOrder) -> int:
        """Delete what Temporal keeps of everything the account had scheduled, and of its paid plan,
        which ended with the customer; how much there was.

        All of it has ended, and all money is settled: a run that is open has at most a letter left.
        Nothing is left once there was nothing.
        """
        try:
            with heartbeating():
                ids = [name(row.id) for row in await self._own(order) for name in _RUNS_OF]
                ids.append(erasure_notice_workflow_id(order.user_id))
                ids.append(account_look_workflow_id(order.user_id))
                ids += [
                    payment_recovery_workflow_id(one.invoice_id)
                    for one in await self._records.recoveries_of(order.user_id)
                ]
                return await self._histories.forget(ids)
        except OutsideError as error:
            raise as_failure(error) from error

    async def _own(self, order: ErasureOrder) -> list[Registration]:
        return await self._records.registrations(order.user_id, MOST_REGISTRATIONS)


_RUNS_OF = (registration_workflow_id, review_workflow_id, cancellation_workflow_id)


def _first_named(rows: Iterable[Registration]) -> list[tuple[Registration, datetime]]:
    """One registration of each account that may know the family, and since when at the earliest."""
    confirmed = defaultdict[tuple[str, str], list[tuple[datetime, Registration]]](list)
    for row in rows:
        if row.confirmed_at is not None:
            confirmed[row.provider, row.org_ref].append((row.confirmed_at, row))
    firsts = [min(those, key=lambda one: one[0]) for those in confirmed.values()]
    return [(row, since) for since, row in firsts]
