-- What `starter.py tomorrow` asks: everything that opens soon, in one question however many they are.

create function app.opening(p_registration_id uuid) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'agreement', app.dossier(p_registration_id),
    'marker', (
      select app.marker(attempt) from public.booking_attempts as attempt
      where attempt.registration_id = p_registration_id and attempt.closed_at is null
      order by attempt.fence desc limit 1),
    'noted', (
      select jsonb_build_object('at', event.at, 'codes', event.detail -> 'codes')
      from public.audit_events as event
      where event.registration_id = p_registration_id and event.kind = 'problem_found'
      order by event.seq desc limit 1))
$$;
comment on function app.opening is
  'Shape of Opening, its people as they are kept. Refuses an unknown registration.';

create function public.openings(p_within interval, p_limit int) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  now constant timestamptz := clock_timestamp();
  until constant timestamptz := now + p_within;
  coming bigint;
begin
  select count(*) into coming from public.scheduled_registrations
  where status in ('pending', 'executing') and scheduled_time > now and scheduled_time <= until;
  return jsonb_build_object(
    'at', now,
    'openings', (
      select coalesce(jsonb_agg(app.opening(soon.id)
        order by soon.scheduled_time, soon.org_ref, soon.queued_at, soon.id), '[]')
      from (
        select * from public.scheduled_registrations
        where status in ('pending', 'executing')
          and scheduled_time > now and scheduled_time <= until
        order by scheduled_time, org_ref, queued_at, id limit p_limit
      ) as soon),
    'more', greatest(coming - p_limit, 0),
    'drafts', (
      select count(*) from public.scheduled_registrations
      where status = 'draft' and lapses_at > now
        and scheduled_time > now and scheduled_time <= until));
end $$;
comment on function public.openings is
  'Registrations under way whose openings come within that time, with what decides whether each '
  'will be booked (Openings).';

revoke all on all functions in schema app from public, anon, authenticated, service_role;
grant execute on function app.user_id() to authenticated;
revoke all on function public.openings(interval, int) from public, anon, authenticated;
grant execute on function public.openings(interval, int) to service_role;
