-- The lanes of a process look at the pauses of all accounts at once: a hundred queues that share an
-- instant, each looking for itself, held each other's bookings up.

create function public.account_pauses() returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'provider', account.provider, 'org_ref', account.org_ref, 'pause', app.pause(account))
    order by account.provider, account.org_ref), '[]')
  from public.provider_accounts as account
  where account.paused_until > clock_timestamp() - interval '10 min'
$$;
comment on function public.account_pauses is
  'Of every account the latest pause (AccountPause[]), unless it is ten minutes over.';

create index provider_accounts_paused on public.provider_accounts (paused_until)
  where paused_until is not null;

revoke all on function public.account_pauses from public, anon, authenticated;
grant execute on function public.account_pauses to service_role, signupassist_worker;

-- Workers of before this release find nothing there meanwhile, and go by what they know.
drop function public.account_pause(text, text);
