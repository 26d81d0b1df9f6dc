"""What can go wrong outside, decided once at the gateway.

OutsideError
├── ProviderError               the booking provider
│   ├── NotOpenYet              the window has not opened; try again shortly
│   ├── SoldOut                 no seat is left; final
│   ├── Rejected(kind)          refused for a stated cause; final
│   ├── Throttled(wait)         too many requests; wait, then go on
│   ├── Unauthorised            our keys were refused; final, an operator acts
│   ├── Unavailable             surely not processed; safe to send again
│   │   └── LaneLost            the prepared connection died before anything was sent
│   └── UnknownOutcome(evidence) it may have been processed: reconcile before any further send
├── PaymentError
│   ├── CardDeclined            a definite no for this card
│   ├── AuthenticationRequired  the bank wants the parent to approve
│   ├── PaymentUnknown          it may have been charged: repeat the same key, nothing else
│   │   └── PaymentStuck        and the same key will never tell: look it up
│   ├── PaymentUnavailable      surely not charged
│   └── PaymentMisconfigured    our key or our parameters are wrong; an operator acts
│       └── KeyReused           something else was sent under this key: look up what it made
├── RecordsError
│   ├── Conflict                the row is not in the state the caller saw
│   ├── RecordMissing
│   ├── RecordRejected          the database refused the values
│   ├── BookingsPaused(wait)    an operator, or a restore, holds bookings; ask again
│   └── RecordsUnavailable      the data API did not answer
│       └── RecordsMisconfigured  our key or the schema is wrong; an operator mends it
│           └── FieldError      FIELD_KEYS are wrong; the same (`domain.field_errors`)
├── MandateError
│   ├── MandateForged           no signature of ours: nothing is done under it
│   ├── MandateKeyUnknown       the key that it names is not given to this program
│   └── NoSigningKey            this program may verify mandates and sign none
├── PayloadError                what Temporal keeps cannot be read here; it is kept all the same
│   ├── PayloadKeyUnknown(key_id)  its key is not among those given to this program
│   └── PayloadAltered(key_id)  the key of that name did not make it, or it was altered since
├── MailUndelivered
└── WorkflowsUnreachable        Temporal did not answer the front door
"""

from datetime import timedelta


class OutsideError(Exception):
    """A call to the outside failed. The message never holds personal data or keys."""


class ProviderError(OutsideError):
    """The booking provider did not do what was asked."""


class NotOpenYet(ProviderError):
    """The provider's window has not opened."""


class SoldOut(ProviderError):
    """No seat is left for the party. Final."""


class Rejected(ProviderError):
    """A definite refusal.

    Attributes:
        kind: `invalid` (our request), `not_found`, `closed` (too late) or `refused` (no cause
            known).
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class Throttled(ProviderError):
    """The provider asks for a pause before anything more is sent."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(f"the provider asks for a pause of {wait.total_seconds():g} s")
        self.wait = wait


class Unauthorised(ProviderError):
    """The provider refused our keys. Retrying cannot help."""


class Unavailable(ProviderError):
    """Not reached, or refused before processing: surely nothing happened."""


class LaneLost(Unavailable):
    """The prepared connection was closed while idle: not a byte of the booking was sent."""


class UnknownOutcome(ProviderError):
    """It may have happened. Never send again before reconciling.

    Attributes:
        evidence: what was seen, for the reviewer: status, exception type, bytes. Never personal.
    """

    def __init__(self, evidence: str) -> None:
        super().__init__(f"the outcome at the provider is unknown: {evidence}")
        self.evidence = evidence


class PaymentError(OutsideError):
    """The payment service did not do what was asked."""


class CardDeclined(PaymentError):
    """A definite no for this payment method. The same key would replay it for ever."""

    def __init__(self, decline_code: str, payment_intent_id: str | None = None) -> None:
        super().__init__(f"the card was declined: {decline_code}")
        self.decline_code = decline_code
        self.payment_intent_id = payment_intent_id


class AuthenticationRequired(PaymentError):
    """The bank wants the cardholder to approve this payment on-session."""

    def __init__(self, payment_intent_id: str | None = None) -> None:
        super().__init__("the bank asks the cardholder to approve the payment")
        self.payment_intent_id = payment_intent_id


class PaymentUnknown(PaymentError):
    """It may have been charged. The same call with the same key is the look-up."""


class PaymentStuck(PaymentUnknown):
    """The service failed, stored that as the key's answer, and replays it: only a look-up tells."""


class PaymentUnavailable(PaymentError):
    """Surely not charged: not connected, throttled, or the key is in use by a call in flight."""


class PaymentMisconfigured(PaymentError):
    """Our key, or parameters that drifted under a key. Retrying cannot help."""


class KeyReused(PaymentMisconfigured):
    """The key was sent before with other parameters, as by a service that was lost since.

    What was made under it is found by the payment's metadata.
    """


class RecordsError(OutsideError):
    """The database did not do what was asked."""


class Conflict(RecordsError):
    """The row is not in the state or version the caller saw (SQLSTATE PT409)."""


class RecordMissing(RecordsError):
    """No such row, or not this user's (SQLSTATE PT404)."""


class RecordRejected(RecordsError):
    """The database refused the values (a constraint, or SQLSTATE PT422).

    Attributes:
        code: the SQLSTATE or the rule's name.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class BookingsPaused(RecordsError):
    """Nothing is claimed, sent or frozen now (SQLSTATE PT423): the same call later goes through.

    Attributes:
        wait: when to ask again: soon enough that nothing is late once bookings run again.
    """

    wait = timedelta(seconds=2)


class RecordsUnavailable(RecordsError):
    """The data API did not answer, or answered 5xx. Every function may be repeated."""


class RecordsMisconfigured(RecordsUnavailable):
    """Our key, its rights or the deployed schema is wrong.

    It may be repeated: what an operator mends must not have ended anything meanwhile.
    """


class MandateError(OutsideError):
    """A mandate's signature could not be made, or is none."""


class MandateForged(MandateError):
    """What stands where the signed mandate should is none that we signed.

    It may be forged or altered. The message says which, for an operator; it quotes nothing of the
    token.
    """


class MandateKeyUnknown(MandateError):
    """Whether we signed it cannot be told here: the key that it names is not given.

    Nothing is done under it meanwhile, and nothing is given up for it either: another program may
    have the key, and an operator can give it back.
    """

    def __init__(self) -> None:
        super().__init__("the key that it names is not known here")


class NoSigningKey(MandateError):
    """No key to sign with is given to this program."""


class PayloadError(OutsideError):
    """Something that Temporal keeps cannot be decoded here. With the right key it can."""

    def __init__(self, key_id: str, message: str) -> None:
        super().__init__(message)
        self.key_id = key_id


class PayloadKeyUnknown(PayloadError):
    """It is encrypted with a key that this program is not given.

    Attributes:
        key_id: the name of that key in `PAYLOAD_KEYS`.
    """

    def __init__(self, key_id: str) -> None:
        super().__init__(key_id, f"the payload key named {key_id} is not among PAYLOAD_KEYS here")


class PayloadAltered(PayloadError):
    """Another key than ours of that name encrypted it, or somebody altered it since.

    Attributes:
        key_id: the name of that key in `PAYLOAD_KEYS`.
    """

    def __init__(self, key_id: str) -> None:
        super().__init__(
            key_id,
            f"a payload was not encrypted with the key named {key_id} that PAYLOAD_KEYS gives "
            "here, or it was altered since",
        )


class MailUndelivered(OutsideError):
    """The mail server did not take the message.

    Attributes:
        permanent: a 5xx answer: the same message will not be taken later either.
    """

    def __init__(self, message: str, *, permanent: bool) -> None:
        super().__init__(message)
        self.permanent = permanent


class WorkflowsUnreachable(OutsideError):
    """Temporal did not answer in time. The same call may be repeated."""
