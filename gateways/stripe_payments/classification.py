"""What the payment service's answer means for a charge: decided here and nowhere else.

| the SDK raises, or answers | meaning |
|---|---|
| 200, `succeeded` | paid |
| 402 `CardError`, `authentication_required` | `requires_action`: the bank asks for the parent |
| 402 `CardError`, anything else | `declined`, with the decline code |
| 200, `requires_action` | `requires_action` |
| 200, `requires_payment_method`, `canceled` | `declined`: nothing was taken |
| 200, anything else (`processing` ...) | `PaymentUnknown` |
| 429 `RateLimitError`; 409 `idempotency_key_in_use` | `PaymentUnavailable` |
| `APIConnectionError` over a failed connect | `PaymentUnavailable` |
| `APIConnectionError` over anything else; 5xx and any other `APIError` | `PaymentUnknown` |
| a 5xx with `Idempotent-Replayed: true` | `PaymentStuck`: no repeat will tell |
| an unforeseen exception | `PaymentUnknown` |
| 400, 404 `InvalidRequestError`, e.g. a card detached meanwhile | `declined`: a definite no |
| `IdempotencyError` | `KeyReused`: the charge is looked up |
| 401, 403 | `PaymentMisconfigured` |

Every 402 is definite, the ones that advise another try (`processing_error`,
`try_again_later`, `issuer_not_available`) included: the service stores it under the key and
replays it for ever, so trying again takes a new charge.
"""

import httpx
import stripe

from domain.errors import (
    CardDeclined,
    KeyReused,
    PaymentError,
    PaymentMisconfigured,
    PaymentStuck,
    PaymentUnavailable,
    PaymentUnknown,
)
from domain.payments import ChargeOutcome, ChargeStatus
from domain.refunds import RefundOutcome, RefundStatus

AUTHENTICATION_REQUIRED = "authentication_required"
ALREADY_REFUNDED = "charge_already_refunded"
MISSING = "resource_missing"
REPLAYED = "idempotent-replayed"
SERVER_FAULTS = 500

NOT_CONNECTED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


def outcome_of_intent(number: int, intent: stripe.PaymentIntent) -> ChargeOutcome:
    """What a PaymentIntent, as answered or found again, says of the charge of that number.

    Raises:
        PaymentUnknown: it is still under way.
    """
    match intent.status:
        case "succeeded":
            return _outcome(number, ChargeStatus.SUCCEEDED, intent.id)
        case "requires_action":
            return _outcome(number, ChargeStatus.REQUIRES_ACTION, intent.id)
        case "requires_payment_method":
            return _outcome_of_attempt(number, intent.id, _reason(intent))
        case "canceled":
            return _outcome(number, ChargeStatus.DECLINED, intent.id, "canceled")
        case status:
            raise PaymentUnknown(f"the payment is {status}")


def outcome_of_decline(number: int, declined: stripe.CardError) -> ChargeOutcome:
    """What a 402 says of the charge."""
    told = declined.error
    intent_id = told.payment_intent.id if told and told.payment_intent else None
    code = decline_code(declined)
    if declined.code == AUTHENTICATION_REQUIRED:
        code = AUTHENTICATION_REQUIRED
    return _outcome_of_attempt(number, intent_id, code)


def outcome_of_refusal(number: int, refused: stripe.InvalidRequestError) -> ChargeOutcome:
    """What a 400 or 404 says of the charge: nothing was taken, and this request never will."""
    return _outcome(number, ChargeStatus.DECLINED, None, error_code(refused) or "request_refused")


def outcome_of_refund(refund: stripe.Refund) -> RefundOutcome:
    """What a refund, as answered or found again, says of itself."""
    match refund.status:
        case "succeeded":
            return RefundOutcome(status=RefundStatus.SUCCEEDED, refund_id=refund.id)
        case "failed" | "canceled":
            why = getattr(refund, "failure_reason", None) or refund.status
            return RefundOutcome(status=RefundStatus.FAILED, refund_id=refund.id, failure_code=why)
        case _:
            return RefundOutcome(status=RefundStatus.PENDING, refund_id=refund.id)


def refund_refused(refused: stripe.InvalidRequestError) -> RefundOutcome:
    """What a 400 or 404 says of the refund: nothing was given back, and this request never will."""
    code = error_code(refused) or "request_refused"
    return RefundOutcome(status=RefundStatus.FAILED, failure_code=code)


def decline_code(declined: stripe.CardError) -> str:
    """The bank's reason, else the service's own code."""
    told = declined.error
    return (told and (told.decline_code or told.code)) or declined.code or "declined"


def failure_of_charge(failure: Exception) -> PaymentError:
    """The error that stands for the SDK's exception in a call that moves money."""
    seen = _evidence(failure)
    match failure:
        case stripe.RateLimitError():
            return PaymentUnavailable(f"the payment service asks for a pause: {seen}")
        case stripe.IdempotencyError():
            return KeyReused(f"the key was used with other parameters: {seen}")
        case stripe.InvalidRequestError() | stripe.AuthenticationError() | stripe.PermissionError():
            return PaymentMisconfigured(f"the payment service refused the request: {seen}")
        case stripe.APIConnectionError() if isinstance(failure.__cause__, NOT_CONNECTED):
            return PaymentUnavailable(f"the payment service was not reached: {seen}")
        case stripe.APIError() if error_code(failure) == "idempotency_key_in_use":
            return PaymentUnavailable("the same charge is still under way")
        case stripe.APIError() if _replayed(failure):
            return PaymentStuck(f"the payment service replays a failure of its own: {seen}")
        case _:
            return PaymentUnknown(f"what became of the payment is unknown: {seen}")


def failure_of_call(failure: Exception) -> PaymentError:
    """The same for a call that moves no money, and may be repeated."""
    if isinstance(failure, stripe.CardError):
        return CardDeclined(decline_code(failure))
    error = failure_of_charge(failure)
    if isinstance(error, PaymentUnknown):
        return PaymentUnavailable(f"the payment service did not answer: {_evidence(failure)}")
    return error


def _evidence(failure: Exception) -> str:
    """Types, status and code only: the service's messages may quote what was sent."""
    parts = [type(failure).__name__]
    if isinstance(failure, stripe.StripeError):
        if failure.http_status is not None:
            parts.append(f"status {failure.http_status}")
        parts += [part for part in (error_code(failure), failure.request_id) if part]
    if failure.__cause__ is not None:
        parts.append(type(failure.__cause__).__name__)
    return ", ".join(parts)


def _replayed(failure: stripe.APIError) -> bool:
    headers = {name.lower(): text for name, text in (failure.headers or {}).items()}
    fault = failure.http_status is not None and failure.http_status >= SERVER_FAULTS
    return fault and headers.get(REPLAYED) == "true"


def error_code(failure: stripe.StripeError) -> str | None:
    """`code` of the body: on a plain APIError the SDK leaves the exception's own empty."""
    told = failure.error
    return failure.code or (told.code if told else None)


def _reason(intent: stripe.PaymentIntent) -> str:
    # The SDK has no attribute for a field that an answer leaves out.
    failure = getattr(intent, "last_payment_error", None)
    code: str | None = getattr(failure, "code", None)
    if code == AUTHENTICATION_REQUIRED:
        return code
    return getattr(failure, "decline_code", None) or code or "declined"


def _outcome_of_attempt(number: int, intent_id: str | None, why: str) -> ChargeOutcome:
    asks = why == AUTHENTICATION_REQUIRED
    status = ChargeStatus.REQUIRES_ACTION if asks else ChargeStatus.DECLINED
    return _outcome(number, status, intent_id, why)


def _outcome(
    number: int, status: ChargeStatus, intent_id: str | None, why: str | None = None
) -> ChargeOutcome:
    return ChargeOutcome(
        number=number, status=status, payment_intent_id=intent_id, decline_code=why
    )
