-- A charge that may still take money ends before another is made.

create function app.charge_record(p_charge public.charges) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'charge', app.charge(p_charge), 'status', p_charge.status,
    'payment_intent_id', p_charge.payment_intent_id, 'decline_code', p_charge.decline_code)
$$;
comment on function app.charge_record is 'Shape of ChargeRecord.';

create function public.charges_of(p_registration_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  if not exists (select from public.scheduled_registrations where id = p_registration_id) then
    perform app.missing('registration');
  end if;
  return (
    select coalesce(jsonb_agg(app.charge_record(made.*::public.charges) order by made.number), '[]')
    from public.charges as made where made.registration_id = p_registration_id);
end $$;
comment on function public.charges_of is
  'The registration''s charges, by number. PT404 when there is no such registration.';

create function public.close_charge(
  p_registration_id uuid, p_outcome jsonb, p_operation_key text
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  kept constant public.scheduled_registrations := app.locked(p_registration_id);
  charge public.charges;
begin
  if p_outcome ->> 'status' is distinct from 'declined' then
    perform app.reject('charge_mismatch', 'Only a charge that took nothing is closed like that.');
  end if;
  select * into charge from public.charges
  where registration_id = kept.id and number = (p_outcome ->> 'number')::int;
  if not found then
    perform app.reject('charge_missing', 'That charge was never frozen.');
  elsif charge.status = 'declined' then
    return null;
  elsif charge.status not in ('frozen', 'requires_action') then
    perform app.conflict(format('The charge ended already: %s.', charge.status));
  end if;
  update public.charges set
    status = 'declined', decline_code = p_outcome ->> 'decline_code',
    payment_intent_id = coalesce(p_outcome ->> 'payment_intent_id', payment_intent_id),
    settled_at = clock_timestamp()
  where registration_id = kept.id and number = charge.number;
  perform app.audit(kept.id, 'fee_settled', jsonb_build_object(
    'fee_status', kept.fee_status, 'charge_number', charge.number, 'charged_cents', null),
    p_operation_key);
  return null;
end $$;
comment on function public.close_charge is
  'A charge ended without taking money; the fee stays as it is. Repeatable. PT404; PT409 where it '
  'took money; PT422 charge_mismatch, charge_missing.';

create table public.cancellations (
  registration_id uuid primary key references public.scheduled_registrations,
  cancelled_by text not null check (cancelled_by in ('parent', 'provider', 'operator')),
  reason text not null check (reason in (
    'provider_cancelled', 'duplicate_charge', 'technical_failure', 'cancellation_accepted')),
  booking_cancelled_at timestamptz not null default clock_timestamp()
);
comment on table public.cancellations is
  'Bookings that are no more, since when and why. No further charge is made for one.';
alter table public.cancellations enable row level security;

create or replace function public.open_charge(
  p_registration_id uuid, p_number int, p_fence int, p_booking_number text, p_operation_key text
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  kept constant public.scheduled_registrations := app.locked(p_registration_id);
  charge public.charges;
  latest public.charges;
  first_time boolean;
  closed jsonb;
begin
  if exists (select from public.cancellations where registration_id = kept.id) then
    perform app.conflict('The booking was cancelled: nothing more is charged for it.');
  end if;
  select * into charge from public.charges
  where registration_id = kept.id and number = p_number;
  if not found then
    if kept.status not in ('executing', 'needs_review')
      and not (kept.status = 'completed' and kept.fee_status in ('due', 'requires_action'))
    then
      perform app.conflict(format(
        'The registration is %s and its fee is %s.', kept.status, kept.fee_status));
    end if;
    select * into latest from public.charges
    where registration_id = kept.id order by number desc limit 1;
    if p_number is distinct from coalesce(latest.number, 0) + 1 then
      perform app.conflict('That is not the number of the next charge.');
    -- One that waits for the parent's approval may still be approved: it is withdrawn first.
    elsif exists (
      select from public.charges where registration_id = kept.id and status <> 'declined')
    then
      perform app.conflict('A charge before it may still take money.');
    elsif kept.status = 'needs_review' then
      perform app.keep_reviewed_booking(kept, p_booking_number);
    -- Fence 0: the booking was found by a person, not by one of our attempts.
    elsif not (kept.status = 'completed' and p_fence = 0) and not exists (
      select from public.booking_attempts where registration_id = kept.id and fence = p_fence)
    then
      perform app.missing('attempt');
    end if;
    first_time := app.mandate(kept.id) ->> 'used_at' is null;
    closed := app.note_booking(kept, p_fence, p_booking_number);
    if first_time then
      perform app.audit(kept.id, 'booked', jsonb_build_object(
          'fence', nullif(p_fence, 0), 'booking_number', p_booking_number, 'closed', closed),
        p_operation_key);
    end if;
    charge := app.freeze_charge(kept, p_number, p_operation_key);
  end if;
  return jsonb_build_object(
    'charge', case when charge.number is not null then app.charge(charge) end,
    'dossier', app.dossier(kept.id));
end $$;
comment on function public.open_charge is
  'Close the markers as booked and freeze the charge of that number; the same number, the same '
  'charge. Null without a card on file. Under review the booking is the one a person found, and '
  'its fence 0. PT404; PT409 unless executing, under review or the fee is unpaid, while a charge '
  'before it may still take money, and once the booking was cancelled; PT422 booking_taken.';

create or replace function public.settle_fee(p_order jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  op constant text := p_order ->> 'operation_key';
  kept constant public.scheduled_registrations :=
    app.locked((p_order ->> 'registration_id')::uuid);
  result constant jsonb := p_order -> 'charge';
  answer jsonb := app.first_answer(op, 'settle_fee', kept.id);
  charge public.charges;
begin
  if answer is not null then
    return answer;
  end if;
  perform app.expect(kept, array['completed'], (p_order ->> 'expected_version')::int);
  if kept.fee_status not in ('due', 'requires_action') then
    perform app.conflict(format('The fee is %s.', kept.fee_status));
  end if;
  charge := app.settle_charge(kept.id, result);
  update public.scheduled_registrations set
    fee_status = result ->> 'fee_status', version = version + 1
  where id = kept.id;
  update public.registrations set
    fee_status = result ->> 'fee_status',
    success_fee_cents = coalesce(charge.amount_cents, success_fee_cents)
  where scheduled_registration_id = kept.id;
  perform app.audit(kept.id, 'fee_settled', jsonb_build_object(
      'fee_status', result ->> 'fee_status', 'charge_number', charge.number, 'charged_cents',
      case when charge.status = 'succeeded' then charge.amount_cents end), op);
  -- One that was never made is tried again at once: nothing is asked of the parent.
  if result ->> 'fee_status' = 'paid' then
    perform app.tell(kept.id, 'fee_paid');
  elsif charge.decline_code is distinct from 'never_made' then
    perform app.tell(kept.id, 'fee_due');
  end if;
  return app.keep_answer(op, 'settle_fee', kept.id, app.standing(kept.id));
end $$;
