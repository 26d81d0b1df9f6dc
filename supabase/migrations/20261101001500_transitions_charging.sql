-- The success fee: frozen once the booking stands, settled by what the payment service answered.

create function app.note_booking(
  p_row public.scheduled_registrations, p_fence int, p_booking_number text
) returns jsonb
language plpgsql set search_path = '' as $$
begin
  if exists (
    select from public.booking_attempts
    where registration_id = p_row.id and booking_number <> p_booking_number
  ) then
    perform app.conflict('Another booking was recorded for this registration.');
  elsif exists (
    select from public.booking_attempts
    where registration_id = p_row.id and fence = p_fence and outcome <> 'booked'
  ) then
    perform app.conflict('The attempt was closed without a booking.');
  end if;
  update public.mandates set used_at = clock_timestamp()
  where registration_id = p_row.id and used_at is null;
  -- Whichever of them was answered: the booking explains every marker still open.
  return app.close_markers(p_row.id, null, 'booked', p_booking_number, null);
end $$;
comment on function app.note_booking is
  'The booking stands: uses the mandate, closes all markers as booked; answers with their fences.';

create function app.freeze_charge(
  p_row public.scheduled_registrations, p_number int, p_operation_key text
) returns public.charges
language plpgsql set search_path = '' as $$
declare
  frozen public.charges;
begin
  insert into public.charges (
    registration_id, number, idempotency_key, amount_cents, currency, stripe_customer_id,
    payment_method_id)
  select p_row.id, p_number, format('fee-%s-%s', p_row.id, p_number), p_row.success_fee_cents,
    p_row.currency, payer.stripe_customer_id, payer.payment_method_id
  from public.user_profiles as payer
  where payer.user_id = p_row.user_id
    and payer.stripe_customer_id is not null and payer.payment_method_id is not null
  returning * into frozen;
  if frozen.number is not null then
    perform app.audit(p_row.id, 'fee_frozen', jsonb_build_object(
        'number', frozen.number, 'amount_cents', frozen.amount_cents,
        'currency', frozen.currency), p_operation_key);
  end if;
  return frozen;
end $$;
comment on function app.freeze_charge is
  'Writes down key and parameters of a charge, from the card on file now; nulls without one.';

create function public.open_charge(
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
  select * into charge from public.charges
  where registration_id = kept.id and number = p_number;
  if not found then
    if kept.status <> 'executing'
      and not (kept.status = 'completed' and kept.fee_status in ('due', 'requires_action'))
    then
      perform app.conflict(format(
        'The registration is %s and its fee is %s.', kept.status, kept.fee_status));
    end if;
    select * into latest from public.charges
    where registration_id = kept.id order by number desc limit 1;
    if p_number is distinct from coalesce(latest.number, 0) + 1 then
      perform app.conflict('That is not the number of the next charge.');
    elsif latest.status not in ('declined', 'requires_action') then
      perform app.conflict('The charge before it is still undecided.');
    elsif not exists (
      select from public.booking_attempts where registration_id = kept.id and fence = p_fence)
    then
      perform app.missing('attempt');
    end if;
    first_time := app.mandate(kept.id) ->> 'used_at' is null;
    closed := app.note_booking(kept, p_fence, p_booking_number);
    if first_time then
      perform app.audit(kept.id, 'booked', jsonb_build_object(
          'fence', p_fence, 'booking_number', p_booking_number, 'closed', closed),
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
  'charge. Null without a card on file. PT404; PT409 unless executing or the fee is unpaid, or '
  'while the charge before it is undecided.';

create function app.settle_charge(p_registration_id uuid, p_result jsonb) returns public.charges
language plpgsql set search_path = '' as $$
declare
  outcome constant jsonb := nullif(p_result -> 'outcome', 'null');
  follows constant text := case
    when outcome is null or outcome ->> 'status' = 'declined' then 'due'
    when outcome ->> 'status' = 'succeeded' then 'paid'
    when outcome ->> 'status' = 'requires_action' then 'requires_action' end;
  settled public.charges;
begin
  if coalesce(p_result ->> 'fee_status' <> follows, true) then
    perform app.reject('charge_mismatch', 'The state of the fee does not follow from its charge.');
  elsif outcome is null then
    return null;
  end if;
  select * into settled from public.charges
  where registration_id = p_registration_id and number = (outcome ->> 'number')::int;
  if not found then
    perform app.reject('charge_missing', 'That charge was never frozen.');
  -- A payment that waits for the parent's approval may still go either way; the rest is final.
  elsif settled.status not in ('frozen', 'requires_action', outcome ->> 'status') then
    perform app.conflict(format('The charge ended already: %s.', settled.status));
  end if;
  update public.charges set
    status = outcome ->> 'status', payment_intent_id = outcome ->> 'payment_intent_id',
    decline_code = outcome ->> 'decline_code', settled_at = clock_timestamp()
  where registration_id = p_registration_id and number = settled.number
  returning * into settled;
  return settled;
end $$;
comment on function app.settle_charge is
  'Writes the payment service''s answer (a ChargeResult) on the charge; nulls where none was '
  'made. PT409 when it ended otherwise; PT422 charge_mismatch, charge_missing.';
