-- A renewal first waits for whoever judges the lease, and then looks whether it had run out: what a
-- successor took over is named by the very renewal after it, and all else stands.

create or replace function public.renew_lease(p_lease_id uuid, p_ttl interval) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  kept public.leases;
begin
  if p_ttl is null or p_ttl <= '0' or p_ttl > '1 min' then
    perform app.reject('bad_ttl', 'A lease lasts more than no time, and a minute at most.');
  end if;
  -- Once the lock is had, the time is told anew: by then it may have run out.
  perform from public.leases where lease_id = p_lease_id for update;
  update public.leases set
    renewed_at = clock_timestamp(), expires_at = clock_timestamp() + p_ttl, ended = false
  where lease_id = p_lease_id and expires_at > clock_timestamp()
  returning * into kept;
  if not found then
    delete from public.leases as old
    where old.expires_at < clock_timestamp() - interval '1 day' and old.lease_id <> p_lease_id
      and not exists (
        select from public.booking_attempts as marker
        where marker.lease_id = old.lease_id and marker.closed_at is null);
    insert into public.leases (lease_id, renewed_at, expires_at)
    values (p_lease_id, clock_timestamp(), clock_timestamp() + p_ttl)
    on conflict (lease_id) do update set
      renewed_at = clock_timestamp(), expires_at = clock_timestamp() + p_ttl, ended = false,
      lapsed_at = case
        when public.leases.lapsed_at > clock_timestamp() - interval '10 min'
          or public.leases.expires_at > clock_timestamp()
        then public.leases.lapsed_at else public.leases.expires_at end
    returning * into kept;
  end if;
  return jsonb_build_object(
    'now', clock_timestamp(),
    'holders', (select count(*) from public.leases where expires_at > clock_timestamp()),
    'release_asked', (
      select coalesce(jsonb_agg(wanted.id), '[]')
      from (
        select armed.registration_id
        from public.booking_attempts as armed
        join public.scheduled_registrations as asked on asked.id = armed.registration_id
        where armed.lease_id = p_lease_id and armed.closed_at is null
          and asked.release_asked_at is not null
        union
        -- Told again for a while: the first answer may have been lost.
        select app.taken_over(kept) where kept.lapsed_at > clock_timestamp() - interval '10 min'
      ) as wanted (id)));
end $$;
