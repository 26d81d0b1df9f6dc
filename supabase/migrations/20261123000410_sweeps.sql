-- What has to have a workflow, and what has to be paid.

create index alerts_key on public.alerts (key);

create function public.runs_to_check(p_sweep jsonb) returns jsonb
language sql stable security definer set search_path = '' as $$
  with under_way as (
    select kept.id, kept.code, kept.status, kept.scheduled_time, looked.run_checked_at,
      clock_timestamp() as now
    from public.scheduled_registrations as kept
    left join public.looks as looked on looked.registration_id = kept.id
    where kept.status in ('pending', 'executing')
      and kept.confirmed_at <= clock_timestamp() - (p_sweep ->> 'age')::interval
  ), due as (
    select * from under_way
    where case
      when scheduled_time > now + (p_sweep ->> 'near')::interval
        then coalesce(run_checked_at <= now - (p_sweep ->> 'far_every')::interval, true)
      when scheduled_time > now + (p_sweep ->> 'away_from_opening')::interval
        then coalesce(run_checked_at <= now - (p_sweep ->> 'near_every')::interval, true)
      when scheduled_time > now - (p_sweep ->> 'away_from_opening')::interval then false
      else coalesce(run_checked_at <= now - (p_sweep ->> 'late_every')::interval, true) end
    order by run_checked_at nulls first, scheduled_time, id limit (p_sweep ->> 'limit')::int
  )
  select coalesce(jsonb_agg(jsonb_build_object(
      'registration_id', id, 'code', code, 'status', status, 'scheduled_time', scheduled_time,
      'alerted', told.open, 'lost', told.times)
    order by run_checked_at nulls first, scheduled_time, id), '[]')
  from due cross join lateral (
    select count(*) as times, coalesce(bool_or(settled_at is null), false) as open
    from public.alerts where key = format('run_missing/%s', due.id)
  ) as told
$$;
comment on function public.runs_to_check is
  'Registrations under way whose workflow is to be asked after (RunSweep, RunToCheck): those never '
  'asked after first.';

create function public.note_runs_checked(p_registration_ids uuid[]) returns jsonb
language sql security definer set search_path = '' as $$
  insert into public.looks (registration_id, run_checked_at)
  select id, clock_timestamp() from public.scheduled_registrations
  where id = any (p_registration_ids) order by id
  on conflict (registration_id) do update set run_checked_at = excluded.run_checked_at;
  select null::jsonb
$$;
comment on function public.note_runs_checked is 'Their workflows were asked after just now.';

create function app.open_fee(
  p_row public.scheduled_registrations, p_since timestamptz
) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'registration_id', p_row.id, 'code', p_row.code, 'fee_status', p_row.fee_status,
    'since', p_since)
$$;
comment on function app.open_fee is 'Shape of OpenFee.';

create index scheduled_registrations_unpaid on public.scheduled_registrations (id)
  where fee_status in ('due', 'requires_action');
create index charges_undecided on public.charges (first_sent_at) where status = 'frozen';

create function public.open_fees(p_sweep jsonb) returns jsonb
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
    order by charge.first_sent_at limit (p_sweep ->> 'limit')::int
  ), without_receipt as (
    select kept from public.scheduled_registrations as kept
    where kept.status = 'completed' and not exists (
      select from public.registrations as receipt where receipt.scheduled_registration_id = kept.id)
    order by kept.id limit (p_sweep ->> 'limit')::int
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
        (kept).created_at)) order by (kept).id), '[]') from without_receipt))
$$;
comment on function public.open_fees is
  'Money that is not settled, as far as it is to be looked at now (FeeSweep, OpenFees).';

create function public.note_fees_asked(p_registration_ids uuid[]) returns jsonb
language sql security definer set search_path = '' as $$
  insert into public.looks (registration_id, fee_asked_at)
  select id, clock_timestamp() from public.scheduled_registrations
  where id = any (p_registration_ids) order by id
  on conflict (registration_id) do update set fee_asked_at = excluded.fee_asked_at;
  select null::jsonb
$$;
comment on function public.note_fees_asked is 'Their fees were looked at just now.';

revoke all on all functions in schema app from public, anon, authenticated, service_role;
grant execute on function app.user_id() to authenticated;
do $$
declare
  called text;
begin
  foreach called in array array[
    'runs_to_check', 'note_runs_checked', 'open_fees', 'note_fees_asked'
  ] loop
    execute format('revoke all on function public.%I from public, anon, authenticated', called);
    execute format('grant execute on function public.%I to service_role', called);
  end loop;
end $$;
