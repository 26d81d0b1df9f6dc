"""The letters about an account's deletion, in plain words."""

from domain.erasures import Erasure, ErasureLetter
from domain.family import Guardian
from domain.mail import Letter

_NOT_YOU = (
    "If it was not you who asked, somebody else can use your chat: say so there at once, and "
    "change your password."
)


def deletion_asked(erasure: Erasure, guardian: Guardian) -> Letter:
    """The account is going to be deleted."""
    words = (
        f"You asked us to delete your account. It is deleted in the night after "
        f"{erasure.due_at:%B %-d, %Y}; until then tell the chat to keep it, and nothing has "
        "happened. A paid plan ends with it.\n"
        "What is scheduled and opens before that day is still booked. Nothing new can be "
        f"scheduled meanwhile.\n{_NOT_YOU}"
    )
    return _letter(erasure, guardian, ErasureLetter.ASKED, "Your account will be deleted", words)


def account_deleted(erasure: Erasure, guardian: Guardian) -> Letter:
    """It is deleted, but for the address that this is sent to."""
    words = (
        "Your account is deleted: who you and your children are, your card, and everything you "
        "scheduled. This letter is the last; with it your address is deleted too.\n"
        "The law has us keep receipts and payments. They no longer say whose they were.\n"
        "Organisers who booked a place for you keep records of their own. Please ask them."
    )
    return _letter(erasure, guardian, ErasureLetter.ERASED, "Your account is deleted", words)


def _letter(
    erasure: Erasure, guardian: Guardian, kind: ErasureLetter, subject: str, words: str
) -> Letter:
    return Letter(
        message_id=erasure.message_id(kind),
        to=guardian.email,
        subject=subject,
        text=f"Hello {guardian.first_name},\n\n{words}\n\nSignupAssist",
    )
