-- What the paid plan keeps of an account that is erased.

create function public.recoveries_of(p_user_id uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(
    app.recovery(kept.*::public.payment_recoveries) order by kept.owed_since, kept.invoice_id), '[]')
  from public.payment_recoveries as kept where user_id = p_user_id
$$;
comment on function public.recoveries_of is 'The account''s, ended or not (Recovery).';
revoke all on function public.recoveries_of from public, anon, authenticated;
grant execute on function public.recoveries_of to service_role, signupassist_worker;

create or replace function app.erase_further(p_user_id uuid) returns void
language plpgsql set search_path = '' as $$
begin
  delete from public.recovery_letters where user_id = p_user_id;
  delete from public.payment_recoveries where user_id = p_user_id;
  delete from public.subscriptions where user_id = p_user_id;
  update public.stripe_events set user_id = null where user_id = p_user_id;
end $$;
