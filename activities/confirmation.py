"""Whether a draft may be confirmed, and confirming it."""

from datetime import datetime

from pydantic import SecretStr
from temporalio import activity

from activities.clock import Clock
from activities.failures import as_failure
from activities.permission import Permission
from domain.consent import confirm_faults, mandate_valid_until, product_faults
from domain.contracts import ConfirmAnswer, ConfirmRequest, Standing
from domain.erasures import DELETION_ASKED
from domain.errors import (
    Conflict,
    OutsideError,
    ProviderError,
    RecordRejected,
    Rejected,
    Unauthorised,
)
from domain.identifiers import mandate_id, operation_key
from domain.mandates import Use, claims_for
from domain.refusals import Reason
from domain.registrations import Agreement, Dossier, Registration
from domain.states import RegistrationStatus
from gateways import BookingProviders, Mandates, Records


async def reasons_against(
    dossier: Dossier,
    request: ConfirmRequest,
    providers: BookingProviders,
    now: datetime,
) -> tuple[Reason, ...]:
    """Every reason against confirming, from the rows and from the provider, all at once.

    A provider that does not answer is no reason: the opening may be weeks away, and preflight
    asks again.
    """
    faults = confirm_faults(
        dossier, request.summary_digest, request.accepted_fee_cents, now, request.timing
    )
    if dossier.registration.status is RegistrationStatus.DRAFT:
        # The cap is held against two prices, ours and the provider's: once is enough to say so.
        known = {fault.code for fault in faults}
        at_provider = await _provider_faults(dossier, providers)
        faults += [fault for fault in at_provider if fault.code not in known]
    return tuple(faults)


async def _provider_faults(agreement: Agreement, providers: BookingProviders) -> list[Reason]:
    try:
        provider = providers.account(agreement.account.credentials_ref, agreement.account.pace)
        product = await provider.product(agreement.registration.program_ref)
    except Unauthorised:
        sentence = "The organiser has not given us access to its system, so we cannot book."
        return [Reason(code="unauthorised", sentence=sentence)]
    except Rejected:
        sentence = "The organiser no longer offers this program."
        return [Reason(code="provider_blocked", sentence=sentence)]
    except ProviderError:
        return []
    return list(product_faults(agreement, product))


class Confirmation:
    """The confirm, from inside the workflow."""

    def __init__(
        self, records: Records, providers: BookingProviders, mandates: Mandates, clock: Clock
    ) -> None:
        self._records = records
        self._providers = providers
        self._mandates = mandates
        self._permission = Permission(mandates, clock)
        self._clock = clock

    @activity.defn(name="confirm_registration")
    async def confirm_registration(self, request: ConfirmRequest) -> ConfirmAnswer:
        """Draft -> pending with its signed mandate, after every check once more.

        The front door checked before, but the row may have changed since. What was written is
        read back: the answer is positive only where the mandate on record covers the booking.
        """
        try:
            return await self._confirm(request)
        except OutsideError as error:
            raise as_failure(error) from error

    async def _confirm(self, request: ConfirmRequest) -> ConfirmAnswer:
        registration_id = request.registration_id
        # A run that takes a confirmed row over needs nobody's name, and so no key to one.
        read = self._records.agreement if request.taking_over else self._records.dossier
        agreement: Agreement = await read(registration_id)
        row = agreement.registration
        key = operation_key(registration_id, f"confirm/{request.summary_digest[:16]}")
        until = mandate_valid_until(row.scheduled_time, request.timing)
        permission = mandate_id(registration_id, key)
        token: SecretStr | None = None
        # A retry whose first try was written finds the row pending: its operation key then
        # returns the first answer, so only a draft is checked.
        if row.status is RegistrationStatus.DRAFT:
            dossier = await self._with_people(agreement)
            reasons = await reasons_against(dossier, request, self._providers, self._clock.now())
            if reasons:
                return ConfirmAnswer(reasons=reasons)
            # Never of a row that is confirmed: what was altered since would get our signature.
            token = self._mandates.sign(claims_for(dossier, permission, until))
        try:
            standing = await self._records.confirm(
                registration_id, row.version, until, key, permission, token
            )
        except RecordRejected as rejected:
            return ConfirmAnswer(reasons=(_rejected(rejected),))
        except Conflict:
            return ConfirmAnswer(reasons=(_changed(),))
        faults = await self._faults_on_record(request)
        if faults:
            return ConfirmAnswer(reasons=tuple(faults))
        if row.status is not RegistrationStatus.DRAFT:
            # A run that takes the row over goes on from where it stands, not from its confirm.
            standing = _standing_of(row, standing)
        return ConfirmAnswer(
            standing=standing, provider=row.provider, org_ref=row.org_ref, code=row.code
        )

    async def _with_people(self, agreement: Agreement) -> Dossier:
        if isinstance(agreement, Dossier):
            return agreement
        return await self._records.dossier(agreement.registration.id)

    async def _faults_on_record(self, request: ConfirmRequest) -> list[Reason]:
        """Why the mandate, as it stands in the database now, does not cover the booking.

        Of what is pending only: later steps ask for themselves. A run that takes over must live,
        or nobody would end the registration.
        """
        agreement = await self._records.agreement(request.registration_id)
        pending = agreement.registration.status is RegistrationStatus.PENDING
        if not pending or request.taking_over:
            return []
        return await self._permission.faults_told(agreement, Use.BOOKING, self._records)


def _standing_of(row: Registration, confirmed: Standing) -> Standing:
    return Standing(
        status=row.status,
        fee_status=row.fee_status,
        version=row.version,
        scheduled_time=row.scheduled_time,
        audit_head=row.audit_head or confirmed.audit_head,
        receipt_code=row.receipt_code,
    )


def _rejected(rejected: RecordRejected) -> Reason:
    if rejected.code == "already_registered":
        return Reason(
            code="already_registered",
            sentence="One of the children is already registered for this event.",
            field="child_ids",
        )
    if rejected.code == DELETION_ASKED.code:
        return DELETION_ASKED
    return Reason(code=rejected.code, sentence="The registration could not be confirmed as it is.")


def _changed() -> Reason:
    return Reason(
        code="not_a_draft", sentence="This registration changed meanwhile. Look at it again."
    )
