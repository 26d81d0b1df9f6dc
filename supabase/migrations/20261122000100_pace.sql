-- How fast a provider account may be asked, and how long it is left alone.

alter table public.provider_accounts
  add column rate_per_second double precision not null default 3
    check (rate_per_second > 0 and rate_per_second <= 10000),
  add column burst int not null default 6 check (burst between 1 and 10000),
  add column spacing interval not null default '40 ms' check (spacing >= '0'),
  add column concurrency int not null default 3 check (concurrency between 1 and 10000),
  add column paused_since timestamptz,
  add column paused_until timestamptz,
  add constraint provider_accounts_pause_whole check (num_nulls(paused_since, paused_until) in (0, 2));
comment on column public.provider_accounts.rate_per_second is
  'Tokens a second of the account''s bucket, which holds `burst`. A ratio, no amount of money.';
comment on column public.provider_accounts.paused_since is
  'Send time of the first request that was refused; kept when the pause is over.';

create function app.account(p_account public.provider_accounts) returns jsonb
language sql immutable set search_path = '' as $$
  select jsonb_build_object(
    'provider', p_account.provider, 'org_ref', p_account.org_ref, 'name', p_account.name,
    'credentials_ref', p_account.credentials_ref,
    'pace', jsonb_build_object(
      'rate_per_second', p_account.rate_per_second, 'burst', p_account.burst,
      -- Of seconds alone: how an interval prints is a setting of the session.
      'spacing', 'PT' || trim_scale(extract(epoch from p_account.spacing)) || 'S',
      'concurrency', p_account.concurrency))
$$;
comment on function app.account is 'Shape of ProviderAccount.';

create or replace function app.dossier(p_registration_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  answer jsonb;
begin
  select jsonb_build_object(
    'registration', app.registration(kept),
    'program', app.program(program),
    'account', app.account(account),
    'guardian', app.guardian(kept.user_id),
    'children', (
      select coalesce(jsonb_agg(app.child(child) order by named.position), '[]')
      from public.registration_children as named
      join public.children as child on child.id = named.child_id
      where named.registration_id = kept.id),
    'stripe_customer_id', known.stripe_customer_id,
    'card', app.card(known),
    'mandate', app.mandate(kept.id),
    'rivals', app.rivals(kept.id))
  into answer
  from public.scheduled_registrations as kept
  join public.programs as program on program.id = kept.program_id
  join public.provider_accounts as account
    on (account.provider, account.org_ref) = (kept.provider, kept.org_ref)
  join public.user_profiles as known on known.user_id = kept.user_id
  where kept.id = p_registration_id;
  if answer is null then
    perform app.missing('registration');
  end if;
  return answer;
end $$;

create or replace function public.save_provider_account(p_account jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  -- A caller that knows of no pace leaves it out, and gets the defaults of the table.
  pace constant jsonb :=
    '{"rate_per_second": 3, "burst": 6, "spacing": "PT0.04S", "concurrency": 3}'
    || coalesce(nullif(p_account -> 'pace', 'null'), '{}');
begin
  insert into public.provider_accounts (
    provider, org_ref, name, credentials_ref, rate_per_second, burst, spacing, concurrency)
  values (
    p_account ->> 'provider', p_account ->> 'org_ref', p_account ->> 'name',
    p_account ->> 'credentials_ref', (pace ->> 'rate_per_second')::double precision,
    (pace ->> 'burst')::int, (pace ->> 'spacing')::interval, (pace ->> 'concurrency')::int)
  on conflict (provider, org_ref) do update set
    name = excluded.name, credentials_ref = excluded.credentials_ref,
    rate_per_second = excluded.rate_per_second, burst = excluded.burst,
    spacing = excluded.spacing, concurrency = excluded.concurrency,
    updated_at = clock_timestamp();
  return null;
end $$;

create function app.locked_account(p_provider text, p_org_ref text)
returns public.provider_accounts
language plpgsql set search_path = '' as $$
declare
  found_row public.provider_accounts;
begin
  select * into found_row from public.provider_accounts
  where provider = p_provider and org_ref = p_org_ref for no key update;
  if not found then
    perform app.missing('provider account');
  end if;
  return found_row;
end $$;
comment on function app.locked_account is
  'The account, held by this transaction: its queue grows, and is served, one after another. '
  'Always after the registration and its children, never before, or two could wait for each other.';

create function app.pause(p_account public.provider_accounts) returns jsonb
language sql stable set search_path = '' as $$
  select case when p_account.paused_until > clock_timestamp() - interval '10 min'
    then jsonb_build_object(
      'since', p_account.paused_since, 'until', p_account.paused_until) end
$$;
comment on function app.pause is
  'Shape of Pause; null when none runs or ran in the last ten minutes: what it put off is still '
  'being sent after its end.';

create function public.pause_account(p_provider text, p_org_ref text, p_pause jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  account constant public.provider_accounts := app.locked_account(p_provider, p_org_ref);
  runs constant boolean := coalesce(account.paused_until > clock_timestamp(), false);
  since timestamptz := (p_pause ->> 'since')::timestamptz;
  until timestamptz := (p_pause ->> 'until')::timestamptz;
begin
  if runs then
    since := least(since, account.paused_since);
    until := greatest(until, account.paused_until);
  end if;
  update public.provider_accounts set paused_since = since, paused_until = until
  where provider = p_provider and org_ref = p_org_ref;
  return jsonb_build_object('since', since, 'until', until);
end $$;
comment on function public.pause_account is
  'Put the account off, or widen the pause that runs; answers with the one that stands. PT404.';

create function public.account_pause(p_provider text, p_org_ref text) returns jsonb
language sql stable security definer set search_path = '' as $$
  select app.pause(account) from public.provider_accounts as account
  where provider = p_provider and org_ref = p_org_ref
$$;
comment on function public.account_pause is 'The account''s latest pause (Pause), or null when it is ten minutes over.';
