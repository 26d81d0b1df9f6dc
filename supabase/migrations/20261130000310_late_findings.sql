-- Findings that come late: a notice about a booking that a person gave to another registration, a
-- refund that failed after it had succeeded, alerts that an operator has dealt with, and a letter
-- that must not deny a charge.

create or replace function public.noticed_look(
  p_provider text, p_booking_number text, p_reference text
) returns jsonb
language sql stable security definer set search_path = '' as $$
  select app.look(kept, null, 0, false)
  from public.scheduled_registrations as kept
  where kept.provider = p_provider and kept.id = coalesce(
    (select scheduled_registration_id from public.registrations
      where provider = p_provider and booking_number = p_booking_number),
    case when p_reference ~ '^sa-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
      then substr(p_reference, 4)::uuid end)
$$;
comment on function public.noticed_look is
  'The registration of a provider''s booking as a Look outside the stages: whose receipt has that '
  'number, else by our reference; null where it is none of ours.';

drop index public.refunds_pending;
create index refunds_watched on public.refunds (settled_at) where status in ('pending', 'succeeded');

create or replace function public.settle_refund(
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
  -- A bank may send back what it had taken: succeeded, then failed.
  elsif refund.status = 'failed' or (
    refund.status = 'succeeded' and p_outcome ->> 'status' <> 'failed')
  then
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
  elsif kept.fee_status = 'refunded' and p_outcome ->> 'status' = 'failed' then
    update public.scheduled_registrations set fee_status = 'paid', version = version + 1
    where id = kept.id;
    update public.registrations set fee_status = 'paid'
    where scheduled_registration_id = kept.id;
    perform app.audit(kept.id, 'fee_settled', jsonb_build_object(
        'fee_status', 'paid', 'charge_number', refund.charge_number, 'charged_cents', null,
        'refund', 'failed'), p_operation_key);
  end if;
  return null;
end $$;
comment on function public.settle_refund is
  'Writes the payment service''s answer (RefundOutcome) on the refund; of one that was counted as '
  'given back and failed, the fee is paid again, on row and receipt. Repeatable. PT404; PT409 when '
  'it ended otherwise; PT422 bad_outcome.';

create or replace function public.open_fees(p_sweep jsonb) returns jsonb
language sql stable security definer set search_path = '' as $$
  with due as (
    select kept, receipt.issued_at, looked.fee_asked_at
    from public.scheduled_registrations as kept
    join public.registrations as receipt on receipt.scheduled_registration_id = kept.id
    left join public.looks as looked on looked.registration_id = kept.id
    where kept.status = 'completed' and kept.fee_status in ('due', 'requires_action')
      and coalesce(looked.fee_asked_at <= clock_timestamp() - case
          when receipt.issued_at > clock_timestamp() - (p_sweep ->> 'young')::interval
          then (p_sweep ->> 'young_every')::interval else (p_sweep ->> 'every')::interval end, true)
    order by looked.fee_asked_at nulls first, kept.id limit (p_sweep ->> 'limit')::int
  ), undecided as (
    select kept, charge.first_sent_at
    from public.charges as charge
    join public.scheduled_registrations as kept on kept.id = charge.registration_id
    where charge.status = 'frozen'
      and charge.first_sent_at <= clock_timestamp() - (p_sweep ->> 'undecided')::interval
    -- By lot: those that nobody decides stay in the list, and must not keep others out of it.
    order by random() limit (p_sweep ->> 'limit')::int
  ), without_receipt as (
    select kept from public.scheduled_registrations as kept
    where kept.status = 'completed' and not exists (
      select from public.registrations as receipt where receipt.scheduled_registration_id = kept.id)
    order by kept.id limit (p_sweep ->> 'limit')::int
  ), refunds as (
    -- Until the registration is cancelled, its cancellation has the refund.
    select kept, refund.settled_at, looked.fee_asked_at
    from public.refunds as refund
    join public.scheduled_registrations as kept on kept.id = refund.registration_id
    left join public.looks as looked on looked.registration_id = kept.id
    where kept.status = 'cancelled' and (
        refund.status = 'pending'
        and refund.settled_at <= clock_timestamp() - (p_sweep ->> 'refund_pending')::interval
        and coalesce(
          looked.fee_asked_at <= clock_timestamp() - (p_sweep ->> 'every')::interval, true)
      or refund.status = 'succeeded'
        and refund.settled_at between clock_timestamp() - coalesce(
            (p_sweep ->> 'refund_watched')::interval, '0')
          and clock_timestamp() - (p_sweep ->> 'watched_every')::interval
        and coalesce(
          looked.fee_asked_at <= clock_timestamp() - (p_sweep ->> 'watched_every')::interval,
          true))
    order by looked.fee_asked_at nulls first, kept.id limit (p_sweep ->> 'limit')::int
  )
  select jsonb_build_object(
    'due', (
      select coalesce(jsonb_agg(app.open_fee(kept, issued_at)
        order by fee_asked_at nulls first, (kept).id), '[]') from due),
    'undecided', (
      select coalesce(jsonb_agg(app.open_fee(kept, first_sent_at)
        order by first_sent_at), '[]') from undecided),
    'without_receipt', (
      select coalesce(jsonb_agg(app.open_fee(kept, coalesce((kept).confirmed_at,
        (kept).created_at)) order by (kept).id), '[]') from without_receipt),
    'refunds', (
      select coalesce(jsonb_agg(app.open_fee(kept, settled_at)
        order by fee_asked_at nulls first, (kept).id), '[]') from refunds))
$$;
comment on function public.open_fees is
  'Money that is not settled, as far as it is to be looked at now (FeeSweep, OpenFees).';

drop function public.raise_alert(jsonb);
create function public.raise_alert(
  p_alert jsonb, p_unless_settled_since timestamptz default null
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  concerns constant uuid := (p_alert ->> 'registration_id')::uuid;
  raised public.alerts;
begin
  if concerns is not null and not exists (
    select from public.scheduled_registrations where id = concerns)
  then
    perform app.missing('registration');
  end if;
  select * into raised from public.alerts
  where key = p_alert ->> 'key' and settled_at >= p_unless_settled_since
  order by place desc limit 1;
  if found then
    return app.alert(raised);
  end if;
  insert into public.alerts as known (key, kind, registration_id, sentence)
  values (p_alert ->> 'key', p_alert ->> 'kind', concerns, p_alert ->> 'sentence')
  on conflict (key) where settled_at is null do update set
    times = known.times + 1, last_raised_at = clock_timestamp(), sentence = excluded.sentence
  returning * into raised;
  return app.alert(raised);
end $$;
comment on function public.raise_alert is
  'Raises an alert (NewAlert); one open under its key is counted instead. One that was settled '
  'since then is let rest, and answered as it was. PT404 registration.';

create or replace function public.open_alerts(p_limit int) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(app.alert(listed.*::public.alerts) order by listed.place desc), '[]')
  from (
    select * from public.alerts where settled_at is null
    order by place desc limit greatest(p_limit, 0)
  ) as listed
$$;
comment on function public.open_alerts is 'The alerts not settled, newest first.';

create or replace function app.hand_over(p_row public.scheduled_registrations, p_order jsonb) returns void
language plpgsql set search_path = '' as $$
declare
  cause constant text := coalesce(p_order ->> 'cause', 'unspecified');
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
      'fence', p_order -> 'fence', 'cause', cause,
      'booking_number', p_order -> 'booking' ->> 'booking_number')
    || app.sending(p_order),
    p_order ->> 'operation_key');
  perform app.await_review(p_row, cause, p_order ->> 'evidence', p_order ->> 'refused_as');
  perform app.tell(p_row.id, 'under_review', case when exists (
      select from public.charges where registration_id = p_row.id and status <> 'declined')
    then '{"fee": "open"}'::jsonb else '{}'::jsonb end);
end $$;
comment on function app.hand_over is
  'Nobody can tell whether it was booked: evidence, cause, audit event, letter and alert.';

do $$
declare
  called text;
begin
  foreach called in array array[
    'noticed_look', 'settle_refund', 'open_fees', 'raise_alert', 'open_alerts'
  ] loop
    execute format('revoke all on function public.%I from public, anon, authenticated', called);
    execute format('grant execute on function public.%I to service_role', called);
  end loop;
end $$;
