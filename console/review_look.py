"""A case as an operator sees it: what we know, and what the organiser's system shows now."""

from dataclasses import dataclass

from activities.review_lookup import under_our_reference
from connection import Gateways
from domain.errors import ProviderError, Unauthorised
from domain.identifiers import external_ref
from domain.payments import ChargeStatus
from domain.refusals import refuse
from domain.registrations import Agreement, Dossier, Registration
from domain.review import ReviewCase, ShownBooking
from domain.states import RegistrationStatus


@dataclass(frozen=True)
class ReviewLook:
    """One registration that waits, or waited, for a person."""

    agreement: Agreement
    """A dossier where somebody asked for names."""
    case: ReviewCase
    bookings: tuple[ShownBooking, ...] | None = None
    """Under our reference; None where the provider did not tell."""
    silence: str | None = None
    """Why it did not."""

    @property
    def row(self) -> Registration:
        """The registration."""
        return self.agreement.registration

    @property
    def reference(self) -> str:
        """Our reference at the provider."""
        return external_ref(self.row.id)

    @property
    def names(self) -> tuple[str | None, str | None]:
        """The parent's and the children's, where somebody asked for them."""
        if not isinstance(self.agreement, Dossier):
            return None, None
        guardian, children = self.agreement.guardian, self.agreement.children
        return (
            f"{guardian.first_name} {guardian.last_name}" if guardian else None,
            ", ".join(f"{child.first_name} {child.last_name}" for child in children),
        )

    @property
    def waits(self) -> bool:
        """Whether somebody must decide."""
        return self.row.status is RegistrationStatus.NEEDS_REVIEW

    @property
    def live(self) -> tuple[ShownBooking, ...]:
        """The bookings that stand."""
        return tuple(seen for seen in self.bookings or () if not seen.cancelled)

    @property
    def charges_sent(self) -> tuple[int, ...]:
        """The numbers of charges that took money, or may have."""
        return tuple(
            charge.number
            for charge in self.case.charges
            if charge.status is not ChargeStatus.DECLINED
        )


async def look(gateways: Gateways, row: Registration, *, names: bool = False) -> ReviewLook:
    """Everything about the case, with `names` the family's too, which need their keys.

    A provider that stays silent is said, and is no failure.

    Raises:
        Refused: `never_in_review`.
    """
    read = gateways.records.dossier if names else gateways.records.agreement
    agreement: Agreement = await read(row.id)
    case = await gateways.records.review_case(row.id)
    if case is None:
        raise refuse(
            "never_in_review",
            f"{row.code} is {row.status.value}, and nobody ever had to decide it.",
        )
    account = agreement.account
    try:
        provider = gateways.providers.account(account.credentials_ref, account.pace)
        found = await under_our_reference(provider, agreement, case)
    except Unauthorised:
        return ReviewLook(
            agreement,
            case,
            silence=f"It refuses our keys for {account.org_ref}. Correct them, then look again.",
        )
    except ProviderError as error:
        return ReviewLook(agreement, case, silence=f"It did not answer just now ({error}).")
    reference = external_ref(row.id)
    return ReviewLook(agreement, case, tuple(ShownBooking.of(one, reference) for one in found))
