-- Who may call what is new, as 20261101001800 has it for the rest. Nobody reads leases directly.

revoke all on public.leases from public, anon, authenticated, service_role;
revoke all on all functions in schema app from public, anon, authenticated, service_role;
grant execute on function app.user_id() to authenticated;

do $$
declare
  called text;
begin
  foreach called in array array[
    'open_attempt', 'renew_lease', 'end_lease', 'orphans', 'ask_release', 'sharing',
    'pause_account', 'account_pause'
  ] loop
    execute format('revoke all on function public.%I from public, anon, authenticated', called);
    execute format('grant execute on function public.%I to service_role', called);
  end loop;
end $$;
