-- A charge that was looked up, was not there and was closed may be made late after all, by a process
-- that slept between its marker and its send: it is looked up again for as long as its key lives.

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
  ), unmade as (
    -- By lot likewise.
    select kept, charge.first_sent_at
    from public.charges as charge
    join public.scheduled_registrations as kept on kept.id = charge.registration_id
    where charge.status = 'declined' and charge.decline_code = 'never_made'
      and charge.first_sent_at between clock_timestamp() - coalesce(
          (p_sweep ->> 'unmade_watched')::interval, '0')
        and clock_timestamp() - (p_sweep ->> 'undecided')::interval
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
    'unmade', (
      select coalesce(jsonb_agg(app.open_fee(kept, first_sent_at)
        order by first_sent_at), '[]') from unmade),
    'without_receipt', (
      select coalesce(jsonb_agg(app.open_fee(kept, coalesce((kept).confirmed_at,
        (kept).created_at)) order by (kept).id), '[]') from without_receipt),
    'refunds', (
      select coalesce(jsonb_agg(app.open_fee(kept, settled_at)
        order by fee_asked_at nulls first, (kept).id), '[]') from refunds))
$$;
comment on function public.open_fees is
  'Money that is not settled, as far as it is to be looked at now (FeeSweep, OpenFees).';

revoke all on function public.open_fees from public, anon, authenticated;
grant execute on function public.open_fees to service_role;
