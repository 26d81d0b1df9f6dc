-- What the nightly look at the paid plan begins with: what nobody tells of.

create function public.overdue_recoveries(p_check jsonb) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(
    app.recovery(due.*::public.payment_recoveries)
    order by due.grace_ends_at, due.invoice_id), '[]')
  from (
    select * from public.payment_recoveries
    where ended_at is null
      and grace_ends_at <= coalesce((p_check ->> 'due')::timestamptz, clock_timestamp())
    order by grace_ends_at, invoice_id limit (p_check ->> 'limit')::int
  ) as due
$$;
comment on function public.overdue_recoveries is
  'Recoveries whose grace is over and that nobody has ended (GraceCheck, Recovery).';

create function public.stale_subscriptions(p_check jsonb) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(due.user_id order by due.over, due.user_id), '[]')
  from (
    select user_id, over
    from public.subscriptions, lateral (select least(
      case when status in ('active', 'past_due') then current_period_end end,
      checkout_expires_at)) as ended (over)
    where over <= coalesce((p_check ->> 'due')::timestamptz, clock_timestamp())
      - (p_check ->> 'stale')::interval
    order by over, user_id limit (p_check ->> 'limit')::int
  ) as due
$$;
comment on function public.stale_subscriptions is
  'Whose period, or page to subscribe on, has been over for so long without a word of it '
  '(GraceCheck): user ids.';

revoke all on function public.overdue_recoveries, public.stale_subscriptions
  from public, anon, authenticated;
grant execute on function public.overdue_recoveries, public.stale_subscriptions
  to service_role, signupassist_worker;
