"""Rows of every table that may know an account, beside those of its registrations."""

MORE = """
insert into reviews (registration_id, provider, cause, evidence)
  select id, provider, 'unspecified', 'seen' from scheduled_registrations where id = %(failed)s;
insert into alerts (key, kind, registration_id, sentence)
  values (%(failed)s::text, 'run_missing', %(failed)s, 'Look.');
insert into cancellation_wishes (registration_id, cancelled_by, reason)
  values (%(done)s, 'parent', 'cancellation_accepted');
insert into cancellations (registration_id, cancelled_by, reason)
  values (%(done)s, 'parent', 'cancellation_accepted');
insert into refunds (
    registration_id, idempotency_key, charge_number, payment_intent_id, amount_cents, currency,
    reason)
  values (%(done)s, %(done)s::text, 1, 'pi_1', 2000, 'USD', 'technical_failure');
insert into subscriptions (user_id, subscription_id, status) values (%(user)s, 'sub_1', 'active');
insert into payment_recoveries (invoice_id, user_id, owed_since, grace_ends_at)
  values ('in_1', %(user)s, now(), now());
insert into recovery_letters (letter, invoice_id, user_id, holder)
  values ('downgraded', 'in_1', %(user)s, 'one');
insert into stripe_events (event_id, kind, user_id) values ('evt_1', 'invoice.paid', %(user)s);
insert into erasures (user_id, asked_at, due_at, began_at) values (%(user)s, now(), now(), now());
"""
