-- Events of Stripe's, each worked off once.

create table public.stripe_events (
  event_id text primary key check (length(event_id) between 1 and 255),
  kind text not null check (length(kind) between 1 and 100),
  user_id uuid references public.user_profiles,
  taken_at timestamptz not null default clock_timestamp(),
  worked_at timestamptz
);
comment on table public.stripe_events is
  'What Stripe told of, by its own id: which account it concerned and when it was worked off.';
comment on column public.stripe_events.user_id is 'Null: a customer that is none of ours.';
create index stripe_events_user on public.stripe_events (user_id);
alter table public.stripe_events enable row level security;

-- Immutable, because a database of ours is in UTF-8: so it can be an index.
create function app.digest_of(p_customer_id text) returns text
language sql immutable strict set search_path = '' as $$
  select encode(sha256(convert_to(p_customer_id, 'UTF8')), 'hex')
$$;
comment on function app.digest_of is
  'What stands for a customer in histories (domain/account_looks.py).';
create unique index user_profiles_customer_digest
  on public.user_profiles (app.digest_of(stripe_customer_id));

create function public.take_stripe_event(p_notice jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  kept public.stripe_events;
begin
  insert into public.stripe_events (event_id, kind, user_id)
  values (p_notice ->> 'event_id', p_notice ->> 'kind', (
    select user_id from public.user_profiles
    where app.digest_of(stripe_customer_id) = p_notice ->> 'customer'))
  on conflict do nothing;
  select * into strict kept from public.stripe_events where event_id = p_notice ->> 'event_id';
  return jsonb_build_object('user_id', kept.user_id, 'worked', kept.worked_at is not null);
exception
  when check_violation or not_null_violation then
    perform app.reject('invalid_event', 'The event''s values were not accepted.');
end $$;
comment on function public.take_stripe_event is
  'Write an event down, once (StripeNotice, TakenEvent). PT422 invalid_event.';

create function public.stripe_event_worked(p_event_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  update public.stripe_events set worked_at = clock_timestamp()
  where event_id = p_event_id and worked_at is null;
  return null;
end $$;
comment on function public.stripe_event_worked is 'An event was worked off. Repeatable.';

revoke all on public.stripe_events from public, anon, authenticated, service_role;
revoke all on all functions in schema app from public, anon, authenticated, service_role;
grant execute on function app.user_id() to authenticated;
revoke all on function public.take_stripe_event, public.stripe_event_worked
  from public, anon, authenticated;
grant execute on function public.take_stripe_event, public.stripe_event_worked
  to service_role, signupassist_worker;
