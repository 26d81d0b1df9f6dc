"""The letters about an account's deletion: what each is about. Their templates have the words."""

from domain.erasures import Erasure, ErasureLetter
from domain.family import Guardian, Reader
from domain.mail import AboutDeletion, Letter


def deletion_asked(erasure: Erasure, guardian: Guardian, reader: Reader | None = None) -> Letter:
    """The account is going to be deleted."""
    return _letter(erasure, guardian, reader, ErasureLetter.ASKED, "deletion_asked")


def account_deleted(erasure: Erasure, guardian: Guardian, reader: Reader | None = None) -> Letter:
    """It is deleted, but for the address that this is sent to."""
    return _letter(erasure, guardian, reader, ErasureLetter.ERASED, "deleted")


def _letter(
    erasure: Erasure,
    guardian: Guardian,
    reader: Reader | None,
    kind: ErasureLetter,
    template: str,
) -> Letter:
    return Letter(
        message_id=erasure.message_id(kind),
        to=guardian.email,
        template=template,
        first_name=guardian.first_name,
        reader=reader or Reader(),
        about=AboutDeletion(due=erasure.due_at),
    )
