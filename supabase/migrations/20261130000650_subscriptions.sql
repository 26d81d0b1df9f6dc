-- The paid plan. Stripe is the truth; the row is what was last seen there. Nobody writes a tier but
-- through what the worker saw: the web's role remembers pages to subscribe on, and no more.

create table public.subscriptions (
  user_id uuid primary key references public.user_profiles,
  subscription_id text unique check (length(subscription_id) between 1 and 255),
  status text not null default 'none' check (status in (
    'none', 'active', 'past_due', 'paused', 'cancelled')),
  -- domain.subscriptions.GRANTING says the same.
  tier text not null generated always as (
    case when status in ('active', 'past_due') then 'premium' else 'free' end) stored,
  cancel_at_period_end boolean not null default false,
  current_period_end timestamptz,
  payment_method_id text check (length(payment_method_id) <= 255),
  card_to_use text check (length(card_to_use) <= 255),
  checkout_session_id text check (length(checkout_session_id) <= 255),
  checkout_expires_at timestamptz,
  looks_begun bigint not null default 0,
  look bigint not null default 0,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint subscriptions_seen check ((subscription_id is null) = (status = 'none')),
  constraint subscriptions_checkout check (
    checkout_expires_at is null or checkout_session_id is not null)
);
comment on table public.subscriptions is
  'One row an account that ever asked to subscribe, or was looked at: what was last seen at the '
  'payment service.';
comment on column public.subscriptions.card_to_use is
  'A card saved since, which the subscription is to be charged to.';
comment on column public.subscriptions.checkout_session_id is
  'The page to subscribe on that was made last; the next one is made instead of it.';
comment on column public.subscriptions.checkout_expires_at is
  'Of that page; null once it is known what became of it.';
comment on column public.subscriptions.looks_begun is
  'Each look takes the next number before it asks. A column, so that a restored row and its numbers '
  'are of one time.';
comment on column public.subscriptions.look is
  'Of the look that wrote last: an earlier one writes nothing any more.';
alter table public.subscriptions enable row level security;
create policy own_subscription on public.subscriptions for select to authenticated
  using (user_id = (select app.user_id()));

create table public.payment_recoveries (
  invoice_id text primary key check (length(invoice_id) between 1 and 255),
  user_id uuid not null references public.user_profiles,
  owed_since timestamptz not null,
  grace_ends_at timestamptz not null,
  ended_at timestamptz,
  ending text check (ending in ('paid', 'cancelled', 'written_off', 'downgraded')),
  opened_at timestamptz not null default clock_timestamp(),
  constraint payment_recoveries_ended check ((ended_at is null) = (ending is null))
);
comment on table public.payment_recoveries is
  'Payments that failed: until when they are waited for, and how that ended.';
create index payment_recoveries_user on public.payment_recoveries (user_id);
create index payment_recoveries_open on public.payment_recoveries (grace_ends_at)
  where ended_at is null;
alter table public.payment_recoveries enable row level security;

create function app.subscription(p_user_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  kept public.subscriptions;
begin
  if not exists (select from public.user_profiles where user_id = p_user_id) then
    perform app.missing('user');
  end if;
  select * into kept from public.subscriptions where user_id = p_user_id;
  return jsonb_build_object(
    'user_id', p_user_id,
    'subscription_id', kept.subscription_id,
    'status', coalesce(kept.status, 'none'),
    'tier', coalesce(kept.tier, 'free'),
    'cancel_at_period_end', coalesce(kept.cancel_at_period_end, false),
    'current_period_end', kept.current_period_end,
    'payment_method_id', kept.payment_method_id,
    'card_to_use', kept.card_to_use,
    'checkout_session_id', kept.checkout_session_id,
    'checkout_expires_at', kept.checkout_expires_at,
    'grace_ends_at', (
      select min(grace_ends_at) from public.payment_recoveries
      where user_id = p_user_id and ended_at is null));
end $$;
comment on function app.subscription is
  'Shape of Subscription; a bare one where the account never subscribed. Refuses an unknown user.';

create function public.get_subscription(p_user_id uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select app.subscription(p_user_id)
$$;
comment on function public.get_subscription is
  'The account''s subscription (Subscription). PT404 when the user is unknown.';

create function public.save_checkout(
  p_user_id uuid, p_session_id text, p_expires_at timestamptz, p_instead_of text
) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  perform app.subscription(p_user_id);
  insert into public.subscriptions (user_id) values (p_user_id) on conflict do nothing;
  update public.subscriptions set
    checkout_session_id = p_session_id, checkout_expires_at = p_expires_at,
    updated_at = clock_timestamp()
  where user_id = p_user_id and checkout_session_id is not distinct from p_instead_of;
  return app.subscription(p_user_id);
end $$;
comment on function public.save_checkout is
  'Remember the page to subscribe on, instead of the one known before; where another was '
  'remembered meanwhile, that one stays. PT404 user.';

create function app.lock_account(p_user_id uuid) returns void
language plpgsql set search_path = '' as $$
begin
  perform from public.user_profiles where user_id = p_user_id for no key update;
  if not found then
    perform app.missing('user');
  end if;
end $$;
comment on function app.lock_account is
  'The profile first, then the subscription: whoever changes both takes them in this order. PT404.';

create function app.keep_card(p_user_id uuid, p_card jsonb) returns void
language sql set search_path = '' as $$
  update public.user_profiles set
    payment_method_id = p_card ->> 'payment_method_id', card_brand = p_card ->> 'brand',
    card_last4 = p_card ->> 'last4', card_exp_month = (p_card ->> 'exp_month')::int,
    card_exp_year = (p_card ->> 'exp_year')::int
  where user_id = p_user_id
$$;
comment on function app.keep_card is 'The account''s one card (Card): the latest that was entered.';

create function public.end_checkout(p_user_id uuid, p_session_id text, p_card jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  perform app.lock_account(p_user_id);
  update public.subscriptions set
    checkout_expires_at = null, updated_at = clock_timestamp()
  where user_id = p_user_id and checkout_session_id = p_session_id
    and checkout_expires_at is not null;
  if found and jsonb_typeof(p_card) = 'object' then
    perform app.keep_card(p_user_id, p_card);
  end if;
  return app.subscription(p_user_id);
exception
  -- Postgres would quote the row in its complaint.
  when check_violation or not_null_violation or data_exception then
    perform app.reject('invalid_card', 'The card''s details were not accepted.');
end $$;
comment on function public.end_checkout is
  'It is known what became of that page, unless another is remembered; the card it was paid with '
  'is the account''s. Repeatable. PT404 user. PT422 invalid_card.';

-- As before, and a subscription is charged to the new card too, once the worker has told Stripe.
create or replace function public.save_card(p_user_id uuid, p_session_id text, p_card jsonb)
returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  update public.user_profiles set setup_session_id = null
  where user_id = p_user_id and setup_session_id = p_session_id;
  if found then
    perform app.keep_card(p_user_id, p_card);
    update public.subscriptions set card_to_use = p_card ->> 'payment_method_id'
    where user_id = p_user_id and status in ('active', 'past_due', 'paused');
  end if;
  return app.profile(p_user_id);
exception
  -- Postgres would quote the row in its complaint.
  when check_violation or not_null_violation or data_exception then
    perform app.reject('invalid_card', 'The card''s details were not accepted.');
end $$;

create function public.begin_look(p_user_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  begun bigint;
begin
  perform app.subscription(p_user_id);
  insert into public.subscriptions (user_id) values (p_user_id) on conflict do nothing;
  update public.subscriptions set looks_begun = looks_begun + 1
  where user_id = p_user_id returning looks_begun into begun;
  return jsonb_build_object('look', begun, 'subscription', app.subscription(p_user_id));
end $$;
comment on function public.begin_look is
  'Before the payment service is asked (OpenedLook). PT404 user.';

create function public.mirror_subscription(p_user_id uuid, p_look bigint, p_billed jsonb)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  kept public.subscriptions;
begin
  perform app.lock_account(p_user_id);
  update public.subscriptions set
    look = p_look, subscription_id = p_billed ->> 'subscription_id',
    status = p_billed ->> 'status',
    cancel_at_period_end = (p_billed ->> 'cancel_at_period_end')::boolean,
    current_period_end = (p_billed ->> 'current_period_end')::timestamptz,
    payment_method_id = p_billed ->> 'payment_method_id',
    card_to_use = case when p_billed ->> 'status' <> 'cancelled' then card_to_use end,
    updated_at = clock_timestamp()
  where user_id = p_user_id and look < p_look and p_look <= looks_begun
  returning * into kept;
  if found then
    update public.user_profiles set subscription_tier = kept.tier
    where user_id = p_user_id and subscription_tier <> kept.tier;
  end if;
  return app.subscription(p_user_id);
exception
  when check_violation or not_null_violation or data_exception or unique_violation then
    perform app.reject('invalid_subscription', 'The subscription''s values were not accepted.');
end $$;
comment on function public.mirror_subscription is
  'Write down what that look found (Billed), in row and profile; a later look''s stays, and one that '
  'was begun before a restore writes nothing. PT404 user. PT422 invalid_subscription.';

create function public.card_used(p_user_id uuid, p_payment_method_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  update public.subscriptions set card_to_use = null
  where user_id = p_user_id and card_to_use = p_payment_method_id;
  return null;
end $$;
comment on function public.card_used is
  'The subscription is charged to that card now; one saved since stays to be used. Repeatable.';

revoke all on public.subscriptions, public.payment_recoveries
  from public, anon, authenticated, service_role;
grant select (
  user_id, status, tier, cancel_at_period_end, current_period_end, created_at, updated_at
) on public.subscriptions to authenticated;
revoke all on all functions in schema app from public, anon, authenticated, service_role;
grant execute on function app.user_id() to authenticated;
do $$
declare
  called text;
begin
  foreach called in array array[
    'get_subscription', 'save_checkout', 'end_checkout', 'begin_look', 'mirror_subscription',
    'card_used'
  ] loop
    execute format('revoke all on function public.%I from public, anon, authenticated', called);
    execute format('grant execute on function public.%I to service_role', called);
  end loop;
  foreach called in array array['get_subscription', 'save_checkout'] loop
    execute format('grant execute on function public.%I to signupassist_web', called);
  end loop;
  foreach called in array array['end_checkout', 'begin_look', 'mirror_subscription', 'card_used']
  loop
    execute format('grant execute on function public.%I to signupassist_worker', called);
  end loop;
end $$;
