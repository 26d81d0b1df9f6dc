-- A process that dies between being handed a booking and writing its marker leaves no lease behind
-- that tells of it. What was claimed, and has stayed without a marker, is named here; Temporal then
-- says whether anybody was handed it.

create function public.unmarked(p_since interval, p_limit int) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(waiting.id), '[]')
  from (
    select kept.id, kept.send_at from public.scheduled_registrations as kept
    where kept.status = 'executing'
      -- Open: its lease tells, until it is over. Booked or refused: the send is behind it.
      and not exists (
        select from public.booking_attempts as marker
        where marker.registration_id = kept.id
          and (marker.outcome in ('booked', 'refused')
            or marker.closed_at > clock_timestamp() - p_since
            or marker.closed_at is null and not exists (
              select from public.leases as over
              where over.lease_id = marker.lease_id
                and over.expires_at <= clock_timestamp() - p_since)))
      and not exists (
        select from public.audit_events as claim
        where claim.registration_id = kept.id and claim.kind = 'claimed'
          and claim.at > clock_timestamp() - p_since)
    -- What could not be sent for long, as in a pause, must not hide what is about to be.
    order by kept.send_at < clock_timestamp() - interval '30 s', kept.send_at, kept.id
    limit p_limit
  ) as waiting
$$;
comment on function public.unmarked is
  'Executing registrations that have had no open marker of a living process for so long, nor one '
  'that ended them; those about to be sent come first.';

-- A token names the very attempt, so that no successor is taken for it.
alter table public.booking_attempts drop constraint booking_attempts_armed_by_check;
alter table public.booking_attempts add constraint booking_attempts_armed_by_check
  check (length(armed_by::text) <= 2000);

create or replace function app.taken_over(p_lease public.leases) returns setof uuid
language sql stable set search_path = '' as $$
  select theirs.registration_id from public.booking_attempts as theirs
  join public.scheduled_registrations as kept on kept.id = theirs.registration_id
  where theirs.lease_id = p_lease.lease_id
    and (theirs.closed_at is null or theirs.closed_at >= p_lease.lapsed_at)
    and (kept.status <> 'executing' or exists (
      -- Not the moment in which the process itself takes a new marker.
      select from public.booking_attempts as others
      where others.registration_id = theirs.registration_id and others.fence > theirs.fence
        and others.lease_id is distinct from p_lease.lease_id))
    and not exists (
      select from public.booking_attempts as latest
      where latest.registration_id = theirs.registration_id
        and latest.lease_id = p_lease.lease_id and latest.closed_at is null
        and not exists (
          select from public.booking_attempts as later
          where later.registration_id = latest.registration_id and later.fence > latest.fence))
$$;

revoke all on function public.unmarked from public, anon, authenticated;
grant execute on function public.unmarked to service_role;
