-- A booking cancelled, and its fee given back: in full, once, for a cause that earns it.

create table public.refunds (
  registration_id uuid primary key references public.scheduled_registrations,
  idempotency_key text not null unique,
  charge_number int not null,
  payment_intent_id text not null check (length(payment_intent_id) between 1 and 255),
  amount_cents int not null check (amount_cents between 0 and 10000000),
  currency char(3) not null check (currency ~ '^[A-Z]{3}$'),
  reason text not null check (reason in (
    'provider_cancelled', 'duplicate_charge', 'technical_failure', 'cancellation_accepted')),
  first_sent_at timestamptz not null default clock_timestamp(),
  status text not null default 'frozen' check (status in (
    'frozen', 'pending', 'succeeded', 'failed')),
  refund_id text check (length(refund_id) <= 255),
  failure_code text check (length(failure_code) <= 100),
  settled_at timestamptz,
  foreign key (registration_id, charge_number) references public.charges,
  constraint refund_settled_with_answer check ((status = 'frozen') = (settled_at is null))
);
comment on table public.refunds is
  'The one refund of a registration''s fee, with key and parameters frozen before the first send.';
alter table public.refunds enable row level security;

alter table public.registrations drop constraint registrations_fee_status_check;
alter table public.registrations add constraint registrations_fee_status_check check (fee_status in (
  'not_due', 'due', 'requires_action', 'paid', 'refunded'));

create function app.keep_refund_frozen() returns trigger
language plpgsql set search_path = '' as $$
begin
  if (new.registration_id, new.idempotency_key, new.charge_number, new.payment_intent_id,
      new.amount_cents, new.currency, new.reason, new.first_sent_at)
    is distinct from
     (old.registration_id, old.idempotency_key, old.charge_number, old.payment_intent_id,
      old.amount_cents, old.currency, old.reason, old.first_sent_at)
  then
    perform app.reject('refund_frozen', 'The parameters of a refund cannot be changed.');
  end if;
  return new;
end $$;
comment on function app.keep_refund_frozen is
  'Trigger: the key and the parameters of a refund stay as first sent.';

create trigger refunds_keep_frozen before update on public.refunds
  for each row execute function app.keep_refund_frozen();

create function app.refund(p_refund public.refunds) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'refund', jsonb_build_object(
      'registration_id', p_refund.registration_id, 'idempotency_key', p_refund.idempotency_key,
      'charge_number', p_refund.charge_number, 'payment_intent_id', p_refund.payment_intent_id,
      'amount', jsonb_build_object(
        'amount_cents', p_refund.amount_cents, 'currency', p_refund.currency),
      'reason', p_refund.reason, 'first_sent_at', p_refund.first_sent_at),
    'outcome', case when p_refund.status <> 'frozen' then jsonb_build_object(
      'status', p_refund.status, 'refund_id', p_refund.refund_id,
      'failure_code', p_refund.failure_code) end)
$$;
comment on function app.refund is 'Shape of OpenedRefund, of a refund that was frozen.';

create function public.booking_cancelled(p_order jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  kept constant public.scheduled_registrations :=
    app.locked((p_order ->> 'registration_id')::uuid);
begin
  if exists (select from public.cancellations where registration_id = kept.id) then
    return null;
  elsif kept.status <> 'completed' then
    perform app.conflict(format('The registration is %s.', kept.status));
  end if;
  insert into public.cancellations (registration_id, cancelled_by, reason)
  values (kept.id, p_order ->> 'by', p_order ->> 'reason');
  perform app.audit(kept.id, 'booking_cancelled', jsonb_build_object(
      'by', p_order ->> 'by', 'reason', p_order ->> 'reason',
      'booking_number', kept.booking_number),
    p_order ->> 'operation_key');
  return null;
exception
  when check_violation or not_null_violation then
    perform app.reject('invalid_order', 'The cancellation''s values were not accepted.');
end $$;
comment on function public.booking_cancelled is
  'The booking is no more (BookingCancelledOrder): from now on nothing is charged for it. '
  'Repeatable, the first stays. PT404; PT409 unless completed; PT422 invalid_order.';

create function app.fee_kept(
  p_row public.scheduled_registrations, p_charge public.charges,
  p_cancellation public.cancellations
) returns text
language sql stable set search_path = '' as $$
  select case
    when p_charge.number is null then 'nothing_paid'
    when clock_timestamp() > p_charge.settled_at + interval '90 days' then 'refund_too_late'
    when p_cancellation.reason = 'cancellation_accepted' and exists (
      select from public.programs
      where id = p_row.program_id and starts_at <= p_cancellation.booking_cancelled_at)
    then 'event_begun' end
$$;
comment on function app.fee_kept is
  'Why a cancelled booking''s fee is not given back (FeeKept); null where it is. The guard.';

create function public.open_refund(p_registration_id uuid, p_operation_key text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  kept constant public.scheduled_registrations := app.locked(p_registration_id);
  cancellation public.cancellations;
  charge public.charges;
  refund public.refunds;
  why text;
begin
  select * into refund from public.refunds where registration_id = kept.id;
  if found then
    return app.refund(refund);
  end if;
  select * into cancellation from public.cancellations where registration_id = kept.id;
  if not found or kept.status <> 'completed' then
    perform app.conflict(format(
      'The registration is %s; a fee is given back while its booking is being cancelled.',
      kept.status));
  elsif exists (
    select from public.charges
    where registration_id = kept.id and status in ('frozen', 'requires_action'))
  then
    perform app.conflict('A charge may still take money.');
  end if;
  select * into charge from public.charges
  where registration_id = kept.id and status = 'succeeded';
  why := app.fee_kept(kept, charge, cancellation);
  if why is not null then
    return jsonb_build_object('kept', why);
  end if;
  insert into public.refunds (
    registration_id, idempotency_key, charge_number, payment_intent_id, amount_cents, currency,
    reason)
  values (kept.id, format('refund-%s', kept.id), charge.number, charge.payment_intent_id,
    charge.amount_cents, charge.currency, cancellation.reason)
  returning * into refund;
  perform app.audit(kept.id, 'refund_frozen', jsonb_build_object(
      'charge_number', refund.charge_number, 'amount_cents', refund.amount_cents,
      'currency', refund.currency, 'reason', refund.reason), p_operation_key);
  return app.refund(refund);
exception
  when check_violation or not_null_violation then
    perform app.reject('invalid_refund', 'The charge cannot be given back as it was recorded.');
end $$;
comment on function public.open_refund is
  'Freezes the refund of a cancelled booking''s fee, or says why there is none; the same again, '
  'the same refund. PT404; PT409 unless completed with its booking cancelled and every charge '
  'decided; PT422 invalid_refund.';

create function public.settle_refund(
  p_registration_id uuid, p_outcome jsonb, p_operation_key text
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  kept constant public.scheduled_registrations := app.locked(p_registration_id);
  refund public.refunds;
begin
  select * into refund from public.refunds where registration_id = kept.id;
  if not found then
    perform app.missing('refund');
  elsif p_outcome ->> 'status' not in ('pending', 'succeeded', 'failed') then
    perform app.reject('bad_outcome', 'A refund does not end like that.');
  elsif refund.status = p_outcome ->> 'status' then
    return null;
  elsif refund.status not in ('frozen', 'pending') then
    perform app.conflict(format('The refund ended already: %s.', refund.status));
  end if;
  update public.refunds set
    status = p_outcome ->> 'status', settled_at = clock_timestamp(),
    refund_id = coalesce(p_outcome ->> 'refund_id', refund_id),
    failure_code = left(p_outcome ->> 'failure_code', 100)
  where registration_id = kept.id;
  if refund.status = 'frozen' and p_outcome ->> 'status' <> 'failed' then
    perform app.audit(kept.id, 'fee_refunded', jsonb_build_object(
        'charge_number', refund.charge_number, 'amount_cents', refund.amount_cents,
        'currency', refund.currency), p_operation_key);
  end if;
  return null;
end $$;
comment on function public.settle_refund is
  'Writes the payment service''s answer (RefundOutcome) on the refund. Repeatable. PT404; PT409 '
  'when it ended otherwise; PT422 bad_outcome.';

create function public.finish_cancellation(p_order jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  op constant text := p_order ->> 'operation_key';
  kept constant public.scheduled_registrations :=
    app.locked((p_order ->> 'registration_id')::uuid);
  answer jsonb := app.first_answer(op, 'finish_cancellation', kept.id);
  refunded public.refunds;
  fee text;
begin
  if answer is not null then
    return answer;
  elsif kept.status <> 'completed' or not exists (
    select from public.cancellations where registration_id = kept.id)
  then
    perform app.conflict(format('The registration is %s, or its booking stands.', kept.status));
  elsif exists (
    select from public.charges
    where registration_id = kept.id and status in ('frozen', 'requires_action'))
  then
    perform app.conflict('A charge may still take money.');
  end if;
  select * into refunded from public.refunds where registration_id = kept.id;
  fee := case
    when refunded.status in ('pending', 'succeeded') then 'refunded'
    when exists (
      select from public.charges where registration_id = kept.id and status = 'succeeded')
    then 'paid' else 'not_due' end;
  update public.scheduled_registrations set
    status = 'cancelled', fee_status = fee, version = version + 1
  where id = kept.id;
  update public.registrations set fee_status = fee where scheduled_registration_id = kept.id;
  perform app.audit(kept.id, 'cancelled', jsonb_build_object(
      'from', kept.status, 'by', p_order ->> 'by', 'fee_status', fee,
      'kept', p_order -> 'kept'), op);
  perform app.tell(kept.id,
    case when p_order ->> 'by' = 'provider' then 'booking_lost' else 'booking_cancelled' end,
    jsonb_strip_nulls(jsonb_build_object('kept', p_order ->> 'kept')));
  return app.keep_answer(op, 'finish_cancellation', kept.id, app.standing(kept.id));
end $$;
comment on function public.finish_cancellation is
  'Completed -> cancelled (CancelledOrder), with the fee as charges and refund show it, on row and '
  'receipt. PT404; PT409 unless its booking was cancelled and every charge is decided.';

revoke all on public.refunds, public.cancellations
from public, anon, authenticated, service_role;
revoke all on function
  app.charge_record(public.charges), app.refund(public.refunds), app.keep_refund_frozen(),
  app.fee_kept(public.scheduled_registrations, public.charges, public.cancellations)
from public, anon, authenticated, service_role;

do $$
declare
  called text;
begin
  foreach called in array array[
    'charges_of', 'close_charge', 'booking_cancelled', 'open_refund', 'settle_refund',
    'finish_cancellation'
  ] loop
    execute format('revoke all on function public.%I from public, anon, authenticated', called);
    execute format('grant execute on function public.%I to service_role', called);
  end loop;
end $$;
