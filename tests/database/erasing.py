"""What becomes of each column when an account is erased: the one table of expectations.

A table or column that is not foreseen here fails the tests: whoever adds one says here whether it
goes, and why it may stay.
"""

NOT_ABOUT_ACCOUNTS = frozenset(
    {
        *("backup_schedules", "backups", "leases", "programs", "provider_accounts"),
        *("service_events", "service_state"),
    }
)
"""Tables of which no row belongs to an account."""

GONE = frozenset(
    {
        *("cancellation_wishes", "children", "guardians", "identities", "looks", "notifications"),
        *("operations", "payment_recoveries", "recovery_letters", "subscriptions"),
        # Stay as events of nobody's.
        "stripe_events",
    }
)
"""Tables of which every row of the account goes."""

ERASED = {
    "booking_attempts": {"armed_by", "evidence", "requests"},
    "reviews": {"evidence"},
    "scheduled_registrations": {"error_message", "summary"},
    "user_profiles": {
        *("card_brand", "card_exp_month", "card_exp_year", "card_last4"),
        *("payment_method_id", "setup_session_id", "stripe_customer_id", "subscription_tier"),
        *("locale", "time_zone"),
    },
}
"""Columns that are emptied, of rows that stay."""

KEPT_OF_A_PROFILE = frozenset({"created_at", "user_id"})
"""Of the one table that is an account's whole: every other column is emptied."""

STAYS = {
    "alerts": "our own words about a code, which an operator acted on",
    "audit_events": "the chain that proves what was done: ids, amounts and instants",
    "booking_attempts": "when something was sent",
    "cancellations": "that a booking is no more, and since when",
    "charges": "the books; the payment service's ids lead to a customer that is deleted there",
    "erasures": "that it was erased: the log itself",
    "mandates": "that a charge was permitted: ids, and our signature over them",
    "refunds": "the books",
    "registration_children": "for how many it was; the children's ids lead to nobody",
    "registrations": "receipts",
    "reviews": "what was decided, by whose handle",
    "scheduled_registrations": "what a receipt is about",
    "user_profiles": "the id that receipts name, and nothing beside it",
}
"""Tables of which rows stay, and why nobody is to be known by them."""
