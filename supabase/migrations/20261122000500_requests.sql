-- How exactly a booking was sent: each request on its marker, the rest in the audit event of the
-- outcome.

alter table public.booking_attempts
  add column requests jsonb not null default '[]' check (jsonb_typeof(requests) = 'array');
comment on column public.booking_attempts.requests is
  'The booking requests sent and what each ended in: the first forty and the last.';

create function app.milliseconds(p_duration text) returns int
language sql immutable strict parallel safe set search_path = '' as $$
  -- ISO 8601 as Python writes it, with the sign of the whole in front, which Postgres cannot read.
  select case when p_duration like '-%' then -1 else 1 end
    * round(1000 * extract(epoch from ltrim(p_duration, '-')::interval)::double precision)::int
$$;
comment on function app.milliseconds is 'A duration in whole milliseconds.';

create function app.sending(p_order jsonb) returns jsonb
language sql immutable set search_path = '' as $$
  select jsonb_build_object(
    'tries', coalesce(jsonb_array_length(p_order -> 'tries'), 0),
    'rank', p_order -> 'booking' -> 'rank',
    'clock_wait_ms', p_order -> 'booking' -> 'clock_wait_ms',
    'arrival_ms', p_order -> 'booking' -> 'arrival_ms',
    'armed_late', p_order -> 'booking' -> 'armed_late',
    'clock_offset_ms', app.milliseconds(p_order -> 'clocks' -> 'provider' ->> 'offset'),
    'clock_uncertainty_ms',
      app.milliseconds(p_order -> 'clocks' -> 'provider' ->> 'uncertainty'))
$$;
comment on function app.sending is
  'What an outcome (OutcomeOrder) says of its sending, for the audit event: whole milliseconds; '
  'nulls where nothing was booked or the provider''s clock is not known.';

create function app.keep_requests(p_registration_id uuid, p_order jsonb) returns void
language sql set search_path = '' as $$
  update public.booking_attempts set requests = (
    select jsonb_agg(jsonb_build_object(
        'sent_at', sent -> 'sent_at', 'answer', left(sent ->> 'answer', 100)) order by place)
    from jsonb_array_elements(p_order -> 'tries') with ordinality as list (sent, place)
    where place <= 40 or place = jsonb_array_length(p_order -> 'tries'))
  where registration_id = p_registration_id and fence = (p_order ->> 'fence')::int
    and jsonb_array_length(p_order -> 'tries') > 0
$$;
comment on function app.keep_requests is 'Writes an outcome''s requests on the marker of its fence.';

create or replace function app.complete(
  p_row public.scheduled_registrations, p_order jsonb
) returns void
language plpgsql set search_path = '' as $$
declare
  booking constant jsonb := nullif(p_order -> 'booking', 'null');
  number constant text := booking ->> 'booking_number';
  result constant jsonb := coalesce(nullif(p_order -> 'charge', 'null'), '{"fee_status": "due"}');
  charge public.charges;
  -- A price in another currency cannot stand beside our fee; the audit event keeps it.
  price constant int := case
    when coalesce(booking ->> 'currency', p_row.currency) = p_row.currency
    then (booking ->> 'price_cents')::int end;
  receipt text;
begin
  if booking is null then
    perform app.reject('booking_missing', 'A completed registration needs its booking.');
  elsif exists (
    select from public.registrations where provider = p_row.provider and booking_number = number)
  then
    perform app.reject('booking_taken', 'That booking belongs to another registration.');
  end if;
  perform app.note_booking(p_row, (p_order ->> 'fence')::int, number);
  charge := app.settle_charge(p_row.id, result);
  update public.scheduled_registrations set
    status = 'completed', fee_status = result ->> 'fee_status', booking_number = number,
    price_cents = price, first_request_at = (booking ->> 'first_request_at')::timestamptz,
    lateness_ms = (booking ->> 'lateness_ms')::int,
    queue_delay_ms = (booking ->> 'queue_delay_ms')::int, version = version + 1
  where id = p_row.id;
  while receipt is null loop
    insert into public.registrations (
      receipt_code, scheduled_registration_id, user_id, program_name, organisation, provider,
      booking_number, price_cents, success_fee_cents, currency, fee_status, first_request_at,
      lateness_ms, queue_delay_ms)
    select app.new_code('REG-'), done.id, done.user_id, program.name, account.name,
      done.provider, done.booking_number, done.price_cents,
      coalesce(charge.amount_cents, done.success_fee_cents), done.currency, done.fee_status,
      done.first_request_at, done.lateness_ms, done.queue_delay_ms
    from public.scheduled_registrations as done
    join public.programs as program on program.id = done.program_id
    join public.provider_accounts as account
      on (account.provider, account.org_ref) = (done.provider, done.org_ref)
    where done.id = p_row.id
    on conflict (receipt_code) do nothing
    returning receipt_code into receipt;
  end loop;
  perform app.audit(p_row.id, 'completed', jsonb_build_object(
      'booking_number', number, 'receipt_code', receipt, 'fee_status', result ->> 'fee_status',
      'charge_number', charge.number, 'charged_cents',
      case when charge.status = 'succeeded' then charge.amount_cents end,
      'price_cents', booking -> 'price_cents', 'currency', booking -> 'currency')
    || app.sending(p_order),
    p_order ->> 'operation_key');
  perform app.tell(p_row.id, 'booked');
  if result ->> 'fee_status' <> 'paid' then
    perform app.tell(p_row.id, 'fee_due');
  end if;
end $$;

create or replace function app.fail(p_row public.scheduled_registrations, p_order jsonb) returns void
language plpgsql set search_path = '' as $$
declare
  closed jsonb;
begin
  if p_order ->> 'failure_code' is null then
    perform app.reject('failure_code_missing', 'A failure needs its code.');
  end if;
  closed := app.close_markers(p_row.id, null, 'refused', null, p_order ->> 'evidence');
  update public.scheduled_registrations set
    status = 'failed', failure_code = p_order ->> 'failure_code',
    error_message = left(p_order ->> 'message', 2000), version = version + 1
  where id = p_row.id;
  perform app.audit(p_row.id, 'failed', jsonb_build_object(
      'from', p_row.status, 'failure_code', p_order ->> 'failure_code', 'closed', closed)
    || app.sending(p_order),
    p_order ->> 'operation_key');
  perform app.tell(p_row.id, 'not_booked', jsonb_build_object(
    'failure_code', p_order ->> 'failure_code'));
end $$;

create or replace function app.hand_over(p_row public.scheduled_registrations, p_order jsonb) returns void
language plpgsql set search_path = '' as $$
begin
  -- The markers stay open: nobody knows yet what became of them.
  update public.booking_attempts set evidence = left(p_order ->> 'evidence', 4000)
  where registration_id = p_row.id and closed_at is null
    and (p_order ->> 'fence' is null or fence = (p_order ->> 'fence')::int)
    and p_order ->> 'evidence' is not null;
  update public.scheduled_registrations set
    status = 'needs_review', error_message = left(p_order ->> 'message', 2000),
    booking_number = p_order -> 'booking' ->> 'booking_number', version = version + 1
  where id = p_row.id;
  perform app.audit(p_row.id, 'needs_review', jsonb_build_object(
      'fence', p_order -> 'fence',
      'booking_number', p_order -> 'booking' ->> 'booking_number')
    || app.sending(p_order),
    p_order ->> 'operation_key');
  perform app.tell(p_row.id, 'under_review');
end $$;

create or replace function public.record_outcome(p_order jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  op constant text := p_order ->> 'operation_key';
  kept constant public.scheduled_registrations :=
    app.locked((p_order ->> 'registration_id')::uuid);
  answer jsonb := app.first_answer(op, 'record_outcome', kept.id);
begin
  if answer is not null then
    return answer;
  end if;
  -- What was never claimed was never sent: it can only have failed.
  perform app.expect(kept,
    case when p_order ->> 'status' = 'failed' then array['executing', 'pending']
      else array['executing'] end,
    (p_order ->> 'expected_version')::int);
  perform app.keep_requests(kept.id, p_order);
  case p_order ->> 'status'
    when 'completed' then perform app.complete(kept, p_order);
    when 'failed' then perform app.fail(kept, p_order);
    when 'needs_review' then perform app.hand_over(kept, p_order);
    else perform app.reject('bad_outcome', 'That is not an outcome of a registration.');
  end case;
  return app.keep_answer(op, 'record_outcome', kept.id, app.standing(kept.id));
exception
  -- Postgres would quote the row, and with it the summary, in its complaint.
  when check_violation or not_null_violation or data_exception then
    perform app.reject('invalid_order', 'The outcome''s values were not accepted.');
end $$;
