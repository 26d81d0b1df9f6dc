-- A process that dies between being handed a booking and writing its marker leaves no lease behind
-- that tells of it. What was claimed, and has stayed without a marker, is named here; Temporal then
-- says whether anybody was handed it.

create function public.unmarked(p_since interval, p_limit int) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(waiting.id order by waiting.send_at, waiting.id), '[]')
  from (
    select kept.id, kept.send_at from public.scheduled_registrations as kept
    where kept.status = 'executing'
      -- Open: its lease tells. Booked or refused: the send is behind it.
      and not exists (
        select from public.booking_attempts as marker
        where marker.registration_id = kept.id
          and (marker.closed_at is null or marker.outcome in ('booked', 'refused')
            or marker.closed_at > clock_timestamp() - p_since))
      and not exists (
        select from public.audit_events as claim
        where claim.registration_id = kept.id and claim.kind = 'claimed'
          and claim.at > clock_timestamp() - p_since)
    order by kept.send_at, kept.id limit p_limit
  ) as waiting
$$;
comment on function public.unmarked is
  'Executing registrations that have had no open marker for so long, nor one that ended them; '
  'those that are sent first come first.';

revoke all on function public.unmarked from public, anon, authenticated;
grant execute on function public.unmarked to service_role;
