from collections.abc import Awaitable, Callable
from typing import Annotated

from mcp.server.mcpserver import ElicitationResult, Resolve
from mcp.server.mcpserver.tools import Tool

from domain.answers import DraftAnswer, RegistrationAnswer
from domain.schedule_request import ScheduleRequest
from front_door.changes import Changes
from front_door.drafts import Drafts
from front_door.registrations import Registrations
from mcp_server.answers import MandateAnswer, RegistrationsAnswer
from mcp_server.arguments import (
    AcceptedFee,
    ChildIds,
    EventId,
    MaxTotal,
    OpeningTime,
    OptionalOpeningTime,
    OptionalZone,
    OrgRef,
    ProgramRef,
    RegistrationId,
    SummaryDigest,
)
from mcp_server.asking import Agreement, Asking, refuse_unless_agreed
from mcp_server.identity import caller
from mcp_server.tools.description import (
    ADDS,
    CHANGES,
    CHARGES,
    COMMITS,
    LOOKS_OUTSIDE,
    READS,
    described,
)


class RegistrationTools:
    """Scheduling a registration and everything a parent may do to it."""

    def __init__(
        self, drafts: Drafts, changes: Changes, registrations: Registrations, asking: Asking
    ) -> None:
        self._drafts = drafts
        self._changes = changes
        self._registrations = registrations
        self._asking = asking

    def tools(self) -> list[Tool]:
        """The tools of this subject."""
        return [
            described(self.schedule_registration, "Draft a registration", ADDS),
            described(self._confirming(), "Confirm a registration", COMMITS),
            described(self.get_registration, "Look at a registration", LOOKS_OUTSIDE),
            described(self.list_registrations, "List the registrations", READS),
            described(self.reschedule_registration, "Move a registration's opening", CHANGES),
            described(self.cancel_registration, "Cancel a registration", COMMITS),
            described(self.retry_fee, "Charge the success fee again", CHARGES),
            described(self.revoke_mandate, "Withdraw the permission to book", CHANGES),
        ]

    async def schedule_registration(
        self,
        org_ref: OrgRef,
        program_ref: ProgramRef,
        event_id: EventId,
        child_ids: ChildIds,
        max_total_cents: MaxTotal,
        scheduled_time: OptionalOpeningTime = None,
        time_zone: OptionalZone = None,
    ) -> DraftAnswer:
        """Draft a registration: nothing is booked or promised until it is confirmed.

        Leave scheduled_time out where find_programs knows opens_at. Show the returned summary
        to the parent word for word and name the success fee. Only when the parent agrees to
        exactly that, call confirm_registration with the returned registration_id,
        summary_digest and success_fee_cents. A changed wish needs a new draft.
        """
        request = ScheduleRequest(
            org_ref=org_ref,
            program_ref=program_ref,
            event_id=event_id,
            child_ids=tuple(child_ids),
            max_total_cents=max_total_cents,
            scheduled_time=scheduled_time,
            time_zone=time_zone,
        )
        return await self._drafts.schedule(caller.get(), request)

    def _confirming(self) -> Callable[..., Awaitable[RegistrationAnswer]]:
        """The tool, with its question: only inside a method can a signature name `self`."""

        async def confirm_registration(
            registration_id: RegistrationId,
            summary_digest: SummaryDigest,
            accepted_fee_cents: AcceptedFee,
            answer: Annotated[ElicitationResult[Agreement], Resolve(self._asking.agreement)],
        ) -> RegistrationAnswer:
            """Confirm a draft: it is then booked, unattended, the second registration opens.

            Only after the parent has read the draft's summary and agreed to it and to the fee. It
            needs a complete profile and a saved card. Refusals name everything that is missing at
            once. Where the app can show a form the parent may be asked there once more: not_agreed
            is their no, so do not repeat the call unless they ask for it. The same call may be
            repeated safely, also after a time-out: there will be one booking and one fee.
            Afterwards tell the parent the scheduled_time and the code.
            """
            refuse_unless_agreed(answer)
            return await self._changes.confirm(
                caller.get(), registration_id, summary_digest, accepted_fee_cents
            )

        return confirm_registration

    async def get_registration(self, registration_id: RegistrationId) -> RegistrationAnswer:
        """Look where a registration stands.

        status: draft (not confirmed), pending (waits for the opening), executing (being booked),
        completed (booked; see booking_number and receipt_code), failed (see failure_code and
        error_message), needs_review (our team checks with the organiser), cancelled.
        While it waits, queue_place of queue_length is its place among our families at this
        organiser and opening, by confirmation: requests leave one after another, within what
        the organiser's system takes.
        fee_status due means the booking stands but the card was declined: have the parent save
        another card with start_card_setup, then use retry_fee. requires_action means the bank
        wants the parent to approve the payment: give them fee_action_url as a link, and when
        they are back use retry_fee, which sees it and charges nothing twice.
        """
        return await self._registrations.get(caller.get(), registration_id)

    async def list_registrations(self) -> RegistrationsAnswer:
        """List the registrations of this account, latest first, at most 100."""
        return RegistrationsAnswer(
            registrations=tuple(await self._registrations.every(caller.get()))
        )

    async def reschedule_registration(
        self,
        registration_id: RegistrationId,
        scheduled_time: OpeningTime,
        time_zone: OptionalZone = None,
    ) -> RegistrationAnswer:
        """Move a confirmed registration to another opening time, in the past never.

        Possible until 2 seconds before the opening. Afterwards tell the parent the new
        scheduled_time. A draft is not moved: schedule it again instead.
        """
        return await self._changes.reschedule(
            caller.get(), registration_id, scheduled_time, time_zone
        )

    async def cancel_registration(self, registration_id: RegistrationId) -> RegistrationAnswer:
        """Cancel a registration, booked or not. Ask the parent first: it cannot be undone.

        Until 2 seconds before the opening nothing is booked and nothing charged. A booked one is
        given back at the organiser, which may refuse, and is possible until the program begins;
        the success fee is then refunded in full (fee_status refunded) if it was charged at most
        90 days ago, else it stays paid. What was paid to the organiser is theirs to settle.
        Cancelling twice is no error, and a call that had no answer in time may be repeated.
        """
        return await self._changes.cancel(caller.get(), registration_id)

    async def retry_fee(self, registration_id: RegistrationId) -> RegistrationAnswer:
        """Charge the success fee of a booked registration again, to the card saved now.

        Only where fee_status is due or requires_action, after the parent has saved another card
        (start_card_setup, get_payment_method) and agreed, or has approved the payment on
        fee_action_url. A payment they approved counts and is not charged again. If the bank
        wants their approval, the answer has fee_status requires_action and fee_action_url: give
        it to them as a link.
        """
        return await self._changes.retry_fee(caller.get(), registration_id)

    async def revoke_mandate(self, registration_id: RegistrationId) -> MandateAnswer:
        """Withdraw the parent's permission to book and charge for one confirmed registration.

        Possible until 2 seconds before the opening, which then passes without a booking. To end
        a registration, cancel_registration is the usual way. Ask the parent first: it cannot be
        undone.
        """
        mandate = await self._registrations.revoke_mandate(caller.get(), registration_id)
        return MandateAnswer.of(mandate)
