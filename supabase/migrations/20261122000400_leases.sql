-- Leases: what shows that a process with armed bookings is alive, and how one is asked to give
-- a booking back.

create table public.leases (
  lease_id uuid primary key,
  renewed_at timestamptz not null,
  expires_at timestamptz not null,
  lapsed_at timestamptz,
  ended boolean not null default false
);
comment on table public.leases is 'One row per process that holds armed bookings.';
comment on column public.leases.lapsed_at is
  'When it ran out before it was renewed after all: what others took over since then is told.';
comment on column public.leases.ended is
  'Whether its process let it go, with nothing armed under it; otherwise it died, or is held up.';
alter table public.leases enable row level security;

-- No foreign key: a lease goes a day after it ran out, its closed markers stay.
alter table public.booking_attempts
  add column lease_id uuid,
  add column armed_by jsonb check (length(armed_by::text) <= 500);
comment on column public.booking_attempts.armed_by is
  'Workflow run and activity: by them Temporal is told that the process died.';
create index booking_attempts_lease on public.booking_attempts (lease_id, closed_at)
  where lease_id is not null;

create function app.lease_state(p_attempt public.booking_attempts) returns text
language sql stable set search_path = '' as $$
  select coalesce((
    select case
      when held.expires_at > clock_timestamp() then 'held'
      -- 250 ms to spare: the clock of the process may have been ahead of this one.
      when held.expires_at + interval '250 ms' <= p_attempt.send_at then 'lapsed_unfired'
      else 'lapsed' end
    from public.leases as held where held.lease_id = p_attempt.lease_id), 'none')
$$;
comment on function app.lease_state is 'What is known of the process that wrote a marker (LeaseState).';

create or replace function app.marker(p_attempt public.booking_attempts) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'fence', p_attempt.fence, 'send_at', p_attempt.send_at, 'opened_at', p_attempt.opened_at,
    'lease', app.lease_state(p_attempt), 'lease_id', p_attempt.lease_id)
$$;

drop function public.open_attempt(uuid, timestamptz, text);
create function public.open_attempt(
  p_registration_id uuid, p_send_at timestamptz, p_operation_key text,
  p_lease_id uuid default null, p_armed_by jsonb default null
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  kept constant public.scheduled_registrations := app.locked(p_registration_id);
  answer jsonb := app.first_answer(p_operation_key, 'open_attempt', p_registration_id);
  others jsonb;
  opened public.booking_attempts;
begin
  if answer is not null then
    return answer;
  elsif kept.status <> 'executing' then
    perform app.conflict(format('The registration is %s; expected executing.', kept.status));
  end if;
  -- A renewal under way is waited for, and the next one comes after this marker is there: what
  -- is said of a lease here stays true.
  perform from public.leases as held where held.lease_id in (
    select lease_id from public.booking_attempts
    where registration_id = kept.id and closed_at is null) for share;
  select coalesce(jsonb_agg(app.marker(earlier) order by earlier.fence), '[]') into others
  from public.booking_attempts as earlier
  where earlier.registration_id = kept.id and earlier.closed_at is null;
  insert into public.booking_attempts (
    registration_id, fence, send_at, operation_key, lease_id, armed_by)
  select kept.id, coalesce(max(fence), 0) + 1, p_send_at, p_operation_key, p_lease_id, p_armed_by
  from public.booking_attempts where registration_id = kept.id
  returning * into opened;
  perform app.audit(kept.id, 'attempt_opened', jsonb_build_object(
      'fence', opened.fence, 'send_at', app.instant_text(p_send_at),
      'unclosed', jsonb_array_length(others)), p_operation_key);
  -- Told once: where the change then fails, it is armed again and must stay so.
  update public.scheduled_registrations set release_asked_at = null
  where id = kept.id and release_asked_at is not null;
  return app.keep_answer(p_operation_key, 'open_attempt', kept.id,
    jsonb_build_object('marker', app.marker(opened), 'unclosed', others, 'nothing_found', (
      select count(*) from public.booking_attempts
      where registration_id = kept.id and outcome = 'nothing_found'),
      'release_asked', kept.release_asked_at is not null));
end $$;
comment on function public.open_attempt is
  'Take a fence number and write the marker before any send; answers with the other unclosed '
  'markers, what is known of their processes, and how many were closed because nothing was '
  'found. A wish to have it back ends with being told here. PT404; PT409 unless executing.';

create function app.taken_over(p_lease public.leases) returns setof uuid
language sql stable set search_path = '' as $$
  select theirs.registration_id from public.booking_attempts as theirs
  where theirs.lease_id = p_lease.lease_id
    and (theirs.closed_at is null or theirs.closed_at >= p_lease.lapsed_at)
    and not exists (
      select from public.booking_attempts as latest
      where latest.registration_id = theirs.registration_id
        and latest.lease_id = p_lease.lease_id and latest.closed_at is null
        and not exists (
          select from public.booking_attempts as later
          where later.registration_id = latest.registration_id and later.fence > latest.fence))
$$;
comment on function app.taken_over is
  'Registrations that others took over, or ended, while the lease had run out.';

create function public.renew_lease(p_lease_id uuid, p_ttl interval) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  kept public.leases;
begin
  if p_ttl is null or p_ttl <= '0' or p_ttl > '1 min' then
    perform app.reject('bad_ttl', 'A lease lasts more than no time, and a minute at most.');
  end if;
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
comment on function public.renew_lease is
  'Hold the lease for so long from now (LeaseRenewal); made on first sight. Names the bookings '
  'armed under it that somebody wants back, or took over after it had run out. PT422 bad_ttl.';

create function public.end_lease(p_lease_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  update public.leases set
    expires_at = least(expires_at, clock_timestamp()), ended = true
  where lease_id = p_lease_id;
  return null;
end $$;
comment on function public.end_lease is 'Let the lease run out now, whatever it was.';

create function public.orphans() returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'registration_id', armed.registration_id, 'fence', armed.fence, 'armed_by', armed.armed_by)
    order by armed.send_at, armed.registration_id), '[]')
  from public.leases as gone
  join public.booking_attempts as armed on armed.lease_id = gone.lease_id
  join public.scheduled_registrations as kept on kept.id = armed.registration_id
  where not gone.ended and gone.expires_at <= clock_timestamp() - interval '1 s'
    and armed.closed_at is null and armed.armed_by is not null and kept.status = 'executing'
    and not exists (
      select from public.booking_attempts as later
      where later.registration_id = armed.registration_id and later.fence > armed.fence)
$$;
comment on function public.orphans is
  'Attempts whose process let its lease run out and did not come back within a second (Orphan).';

create function public.ask_release(p_registration_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  kept constant public.scheduled_registrations := app.locked(p_registration_id);
begin
  if kept.status = 'executing' and kept.release_asked_at is null then
    update public.scheduled_registrations set release_asked_at = clock_timestamp()
    where id = kept.id;
  end if;
  return null;
end $$;
comment on function public.ask_release is
  'Have the process that armed it give it back unsent; nothing is kept unless executing. PT404.';
