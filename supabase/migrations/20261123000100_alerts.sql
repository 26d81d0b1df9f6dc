-- What an operator must be told, and the words for what is done about it.

create table public.alerts (
  id uuid primary key default gen_random_uuid(),
  place bigint generated always as identity,
  key text not null check (length(key) between 1 and 200),
  kind text not null check (kind in (
    'several_bookings', 'ghost_booking', 'booking_gone', 'run_missing', 'review_waiting',
    'fee_unsettled', 'refund_failed', 'charge_unexpected')),
  registration_id uuid references public.scheduled_registrations,
  sentence text not null check (length(sentence) between 1 and 1000),
  raised_at timestamptz not null default clock_timestamp(),
  last_raised_at timestamptz not null default clock_timestamp(),
  times int not null default 1 check (times >= 1),
  settled_at timestamptz
);
comment on table public.alerts is 'What an operator must be told. Ids and states, nothing personal.';
comment on column public.alerts.key is 'Names the matter: one row of it is open at a time.';
create unique index alerts_one_open on public.alerts (key) where settled_at is null;
create index alerts_registration on public.alerts (registration_id);
alter table public.alerts enable row level security;

create function app.alert(p_row public.alerts) returns jsonb
language sql stable set search_path = '' as $$
  select to_jsonb(p_row) - 'place'
$$;
comment on function app.alert is 'An alert as domain.alerts.Alert reads it.';

create function public.raise_alert(p_alert jsonb) returns jsonb
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
  insert into public.alerts as known (key, kind, registration_id, sentence)
  values (p_alert ->> 'key', p_alert ->> 'kind', concerns, p_alert ->> 'sentence')
  on conflict (key) where settled_at is null do update set
    times = known.times + 1, last_raised_at = clock_timestamp(), sentence = excluded.sentence
  returning * into raised;
  return app.alert(raised);
end $$;
comment on function public.raise_alert is
  'Raises an alert (NewAlert); one open under its key is counted instead. PT404 registration.';

create function public.open_alerts(p_limit int) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(app.alert(listed.*::public.alerts) order by listed.place), '[]')
  from (
    select * from public.alerts where settled_at is null
    order by place limit greatest(p_limit, 0)
  ) as listed
$$;
comment on function public.open_alerts is 'The alerts not settled, oldest first.';

create function public.settle_alert(p_key text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  settled public.alerts;
begin
  update public.alerts set settled_at = clock_timestamp()
  where key = p_key and settled_at is null
  returning * into settled;
  return case when settled.id is not null then app.alert(settled) end;
end $$;
comment on function public.settle_alert is 'Ends the open alert of that key; null without one.';

alter table public.audit_events drop constraint audit_events_kind_check;
alter table public.audit_events add constraint audit_events_kind_check check (kind in (
  'drafted', 'confirmed', 'rescheduled', 'problem_found', 'claimed', 'attempt_opened',
  'attempt_closed', 'booked', 'fee_frozen', 'fee_settled', 'completed', 'failed', 'cancelled',
  'needs_review', 'mandate_revoked', 'review_resolved', 'surplus_found', 'booking_cancelled',
  'refund_frozen', 'fee_refunded'));
alter table public.notifications drop constraint notifications_kind_check;
alter table public.notifications add constraint notifications_kind_check check (kind in (
  'scheduled', 'rescheduled', 'cancelled', 'problem_ahead', 'booked', 'not_booked',
  'under_review', 'fee_due', 'fee_paid', 'booking_cancelled', 'booking_lost'));

revoke all on public.alerts from public, anon, authenticated, service_role;
revoke all on function app.alert(public.alerts) from public, anon, authenticated, service_role;
do $$
declare
  called text;
begin
  foreach called in array array['raise_alert', 'open_alerts', 'settle_alert'] loop
    execute format('revoke all on function public.%I from public, anon, authenticated', called);
    execute format('grant execute on function public.%I to service_role', called);
  end loop;
end $$;
