-- A refund that the bank had not confirmed, or may still send back, is looked at again, and the row
-- says what it came to.

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

do $$
declare
  called text;
begin
  foreach called in array array['settle_refund', 'open_fees'] loop
    execute format('revoke all on function public.%I from public, anon, authenticated', called);
    execute format('grant execute on function public.%I to service_role', called);
  end loop;
end $$;
