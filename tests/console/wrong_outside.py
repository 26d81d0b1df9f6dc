"""What may be wrong with Stripe, Bookeo, the keys of mandates, mail and the clocks."""

from datetime import timedelta

from pydantic import SecretStr

from domain.clocks import ClockReading
from domain.errors import MailUndelivered, PaymentMisconfigured, Unauthorised
from domain.money import Money
from domain.programs import ProviderAccount
from gateways.signed_mandates import SignedMandates
from tests.console.clinic import Clinic
from tests.console.wrong_here import DAY, Case
from tests.gateways.households import key
from tests.mandates import seed


async def live_key_at_a_stand_in(clinic: Clinic) -> None:
    clinic.env["STRIPE_SECRET_KEY"] = "sk_live_marked"


async def live_key_for_a_rehearsal(clinic: Clinic) -> None:
    clinic.env["STRIPE_SECRET_KEY"] = "rk_live_marked"
    del clinic.env["STRIPE_API_BASE"]


async def test_key_for_real_bookings(clinic: Clinic) -> None:
    del clinic.env["BOOKEO_API_BASE"]


async def publishable_key(clinic: Clinic) -> None:
    clinic.env["STRIPE_SECRET_KEY"] = "pk_live_marked"


async def payment_key_refused(clinic: Clinic) -> None:
    refused = PaymentMisconfigured("AuthenticationError, status 401")
    clinic.payments.script.fail_next("access", refused)


async def price_without_webhooks(clinic: Clinic) -> None:
    clinic.env["STRIPE_PRICE_ID"] = "price_1"


async def payment_key_restricted(clinic: Clinic) -> None:
    clinic.payments.withheld = ("refunds",)


async def account_refuses(clinic: Clinic) -> None:
    clinic.provider.script.fail_next("access", Unauthorised("our keys: status 401"))


async def account_without_a_key(clinic: Clinic) -> None:
    org_ref = clinic.family.program.org_ref
    keyless = ProviderAccount(org_ref=org_ref, name="Community Pool", credentials_ref="north")
    await clinic.records.save_provider_account(keyless)


async def account_permits_reading_only(clinic: Clinic) -> None:
    clinic.provider.permissions = ("bookings_r_all", "customers_rw_all", "availability_r")


async def product_gone(clinic: Clinic) -> None:
    gone = clinic.family.program.model_copy(update={"program_ref": "P404", "event_id": "E404"})
    await clinic.records.save_program(gone)


async def product_closed_to_the_api(clinic: Clinic) -> None:
    clinic.offer(api_bookings_allowed=False)


async def product_for_members(clinic: Clinic) -> None:
    clinic.offer(members_only=True)


async def product_dearer(clinic: Clinic) -> None:
    clinic.offer(price_per_category={"Cchildren": Money(amount_cents=13_000)})


async def mandate_key_lost(clinic: Clinic) -> None:
    await clinic.family.pending()
    clinic.mandates = SignedMandates(SecretStr(f"2026b:{seed(8)}"))


async def mandate_key_exchanged(clinic: Clinic) -> None:
    await clinic.family.pending()
    clinic.mandates = SignedMandates(SecretStr(f"test:{seed(8)}"))


async def mandate_unsigned(clinic: Clinic) -> None:
    row = await clinic.family.draft()
    await clinic.records.confirm(row.id, row.version, row.scheduled_time + DAY, key("confirm"))


async def mail_refused(clinic: Clinic) -> None:
    refused = MailUndelivered("SMTPAuthenticationError, status 535", permanent=False)
    clinic.mail.script.fail_next("check", refused)


async def clock_slow(clinic: Clinic) -> None:
    clinic.later(timedelta(seconds=3))


async def clock_fast(clinic: Clinic) -> None:
    clinic.provider.reading = ClockReading(
        offset=timedelta(seconds=-2), uncertainty=timedelta(milliseconds=300), readings=3
    )


OUTSIDE = [
    Case("a stand-in gets a live key", live_key_at_a_stand_in, "stripe.mode", "fail", "live key"),
    Case("a rehearsal costs money", live_key_for_a_rehearsal, "stripe.mode", "fail", "rehearsed"),
    Case("real bookings cost none", test_key_for_real_bookings, "stripe.mode", "warn", "test key"),
    Case("Stripe's key is public", publishable_key, "stripe.mode", "fail", "publishable"),
    Case("Stripe refuses our key", payment_key_refused, "stripe.key", "fail", "status 401"),
    Case("Stripe's key is restricted", payment_key_restricted, "stripe.key", "fail", "refunds"),
    Case(
        "nobody would tell of a subscription",
        price_without_webhooks,
        "stripe.webhook",
        "warn",
        "STRIPE_WEBHOOK_SECRET",
    ),
    Case("Bookeo refuses our key", account_refuses, "bookeo.account.{org}", "fail", "401"),
    Case("an account has no key", account_without_a_key, "bookeo.account.{org}", "fail", "'north'"),
    Case(
        "an account permits reading only",
        account_permits_reading_only,
        "bookeo.account.{org}",
        "fail",
        "bookings_rw",
    ),
    Case("a product is gone", product_gone, "bookeo.programs.{org}", "fail", "P404"),
    Case(
        "a product is closed to us",
        product_closed_to_the_api,
        "bookeo.programs.{org}",
        "fail",
        "does not allow",
    ),
    Case("it is for members", product_for_members, "bookeo.programs.{org}", "fail", "members"),
    Case("it costs more", product_dearer, "bookeo.programs.{org}", "fail", "$130.00"),
    Case("a mandate key is lost", mandate_key_lost, "mandates.keys", "fail", "known here: test"),
    Case("it is another key", mandate_key_exchanged, "mandates.keys", "fail", "Another key"),
    Case("a mandate is unsigned", mandate_unsigned, "mandates.unsigned", "fail", "1 permission in"),
    Case("mail is refused", mail_refused, "mail.server", "fail", "status 535"),
    Case("our clock is slow", clock_slow, "clock.database", "fail", "s behind the database's"),
    Case("our clock is fast", clock_fast, "clock.provider", "fail", "1.7 s ahead of Bookeo's"),
]
