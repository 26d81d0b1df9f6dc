-- How much of everything is open now, as the worker shows it to Prometheus twice a minute.

create function public.service_figures(p_soon interval, p_late interval) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object(
    'at', clock_timestamp(),
    'registrations', (
      select coalesce(jsonb_object_agg(live.status, live.many), '{}')
      from (
        select status, count(*) as many from public.scheduled_registrations
        where status in ('pending', 'executing', 'needs_review')
        group by status
      ) as live),
    'fees_open', (
      select coalesce(jsonb_object_agg(unpaid.fee_status, unpaid.many), '{}')
      from (
        select fee_status, count(*) as many from public.scheduled_registrations
        where fee_status in ('due', 'requires_action')
        group by fee_status
      ) as unpaid),
    'opening_soon', (
      select count(*) from public.scheduled_registrations
      where status in ('pending', 'executing')
        and scheduled_time between clock_timestamp() and clock_timestamp() + p_soon),
    'overdue', (
      select count(*) from public.scheduled_registrations
      where status in ('pending', 'executing') and scheduled_time < clock_timestamp() - p_late),
    'alerts_open', (select count(*) from public.alerts where settled_at is null),
    'letters_waiting', (
      select count(*) from public.notifications where sent_at is null and refused_at is null))
$$;
comment on function public.service_figures is
  'Counts (ServiceFigures): live states and open fees that have any, openings within p_soon, those '
  'under way p_late past theirs, open alerts, letters that wait.';

revoke all on function public.service_figures(interval, interval)
  from public, anon, authenticated;
grant execute on function public.service_figures(interval, interval)
  to service_role, signupassist_worker;
