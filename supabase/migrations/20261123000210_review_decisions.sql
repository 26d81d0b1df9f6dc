-- A person's decision: the way out of needs_review.

create function app.keep_reviewed_booking(
  p_row public.scheduled_registrations, p_booking_number text
) returns void
language plpgsql set search_path = '' as $$
begin
  if exists (
    select from public.registrations
    where provider = p_row.provider and booking_number = p_booking_number
      and scheduled_registration_id <> p_row.id)
  then
    perform app.reject('booking_taken', 'That booking belongs to another registration.');
  end if;
  update public.reviews set booking_number = p_booking_number where registration_id = p_row.id;
exception when unique_violation then
  perform app.reject('booking_taken', 'That booking belongs to another registration.');
end $$;
comment on function app.keep_reviewed_booking is
  'A person found that booking: it is this registration''s, and no other''s. PT422 booking_taken.';

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
    elsif latest.status not in ('declined', 'requires_action') then
      perform app.conflict('The charge before it is still undecided.');
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
  'its fence 0. '
  'PT404; PT409 unless executing, under review or the fee is unpaid, or while the charge before '
  'it is undecided; PT422 booking_taken.';

create function app.shown_bookings(p_order jsonb) returns jsonb
language sql immutable set search_path = '' as $$
  select coalesce(jsonb_agg(jsonb_build_object(
      'booking_number', seen -> 'booking_number', 'ours', seen -> 'ours',
      'accepted', seen -> 'accepted', 'cancelled', seen -> 'cancelled',
      'created_at', app.instant_text((seen ->> 'created_at')::timestamptz),
      'price_cents', seen -> 'price' -> 'amount_cents', 'currency', seen -> 'price' -> 'currency')
    order by place), '[]')
  from jsonb_array_elements(p_order -> 'shown') with ordinality as list (seen, place)
$$;
comment on function app.shown_bookings is
  'What the provider showed a reviewer (ReviewOutcome), as the audit trail keeps it.';

create function app.fee_came_back(p_row public.scheduled_registrations, p_returned boolean)
returns void
language plpgsql set search_path = '' as $$
begin
  if not coalesce(p_returned, false) and exists (
    select from public.charges where registration_id = p_row.id and status <> 'declined')
  then
    perform app.reject('fee_charged',
      'A fee was sent for this registration. It must be given back before it is called not booked.');
  end if;
  update public.charges set
    status = 'declined', decline_code = 'returned_by_hand', settled_at = clock_timestamp()
  where registration_id = p_row.id and status in ('frozen', 'requires_action');
end $$;
comment on function app.fee_came_back is
  'Nothing stays charged: refuses (PT422 fee_charged) unless a person says that it was given back; '
  'then no charge stays open.';

create function public.resolve_review(p_order jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  op constant text := p_order ->> 'operation_key';
  kept constant public.scheduled_registrations :=
    app.locked((p_order ->> 'registration_id')::uuid);
  found_booking constant text := p_order -> 'booking' ->> 'booking_number';
  answer jsonb := app.first_answer(op, 'resolve_review', kept.id);
  closed jsonb := '[]';
begin
  if answer is not null then
    return answer;
  end if;
  perform app.expect(kept, array['needs_review'], (p_order ->> 'expected_version')::int);
  case p_order ->> 'decision'
    when 'booked' then
      if found_booking is not null then
        perform app.keep_reviewed_booking(kept, found_booking);
      end if;
    when 'not_booked' then
      perform app.fee_came_back(kept, (p_order ->> 'fee_returned')::boolean);
      closed := app.close_markers(kept.id, null, 'nothing_found', null, null);
      update public.reviews set booking_number = null where registration_id = kept.id;
    else perform app.reject('bad_decision', 'That is not a decision.');
  end case;
  perform app.audit(kept.id, 'review_resolved', jsonb_build_object(
      'decision', p_order -> 'decision', 'by', p_order -> 'by',
      'booking_number', found_booking, 'another_reference', p_order -> 'another_reference',
      'fee_returned', p_order -> 'fee_returned', 'failure_code', p_order -> 'failure_code',
      'closed', closed, 'shown', app.shown_bookings(p_order)), op);
  if p_order ->> 'decision' = 'booked' then
    perform app.complete(kept, p_order);
  else
    perform app.fail(kept, p_order);
    update public.scheduled_registrations set booking_number = null where id = kept.id;
    -- The letter of a failure says that nothing was charged.
    update public.notifications set facts = facts || '{"fee": "returned"}'
    where registration_id = kept.id and kind = 'not_booked' and sent_at is null
      and (p_order ->> 'fee_returned')::boolean;
  end if;
  update public.reviews set
    decision = p_order ->> 'decision', decided_by = p_order ->> 'by',
    decided_at = clock_timestamp()
  where registration_id = kept.id;
  perform public.settle_alert(format('review_waiting/%s', kept.id));
  return app.keep_answer(op, 'resolve_review', kept.id, app.standing(kept.id));
exception
  -- Postgres would quote the row, and with it the summary, in its complaint.
  when check_violation or not_null_violation or data_exception then
    perform app.reject('invalid_order', 'The decision''s values were not accepted.');
end $$;
comment on function public.resolve_review is
  'A person''s decision (ReviewOutcome): needs_review to completed or failed, with audit events, '
  'letters and the alert''s end. PT404, PT409; PT422 bad_decision, booking_missing, booking_taken, '
  'fee_charged, failure_code_missing, charge_mismatch, charge_missing, invalid_order.';

revoke all on public.reviews from public, anon, authenticated, service_role;
revoke all on all functions in schema app from public, anon, authenticated, service_role;
grant execute on function app.user_id() to authenticated;
do $$
declare
  called text;
begin
  foreach called in array array['review_case', 'booking_owner', 'open_charge', 'resolve_review'] loop
    execute format('revoke all on function public.%I from public, anon, authenticated', called);
    execute format('grant execute on function public.%I to service_role', called);
  end loop;
end $$;
