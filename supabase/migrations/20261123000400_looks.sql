-- What is looked at again after a registration has ended, and how far that has come.

create table public.looks (
  registration_id uuid primary key references public.scheduled_registrations,
  marked_at timestamptz,
  stage int not null default 0 check (stage >= 0),
  done boolean not null default false,
  not_before timestamptz,
  looked_at timestamptz,
  run_checked_at timestamptz,
  fee_asked_at timestamptz
);
comment on table public.looks is
  'What the sweeps know of each registration: how far they have come. Instants only.';
comment on column public.looks.marked_at is
  'When the last marker was opened or closed; null while there was none.';
comment on column public.looks.stage is
  'How many of the looks that follow the last marker are settled.';
comment on column public.looks.not_before is 'A look that got no answer waits so long.';
create index looks_to_come on public.looks (marked_at) where marked_at is not null and not done;
alter table public.looks enable row level security;

insert into public.looks (registration_id, marked_at)
select registration_id, max(coalesce(closed_at, opened_at))
from public.booking_attempts group by registration_id;

create function app.look_anew() returns trigger
language plpgsql set search_path = '' as $$
begin
  insert into public.looks (registration_id, marked_at)
  values (new.registration_id, clock_timestamp())
  on conflict (registration_id) do update set
    marked_at = excluded.marked_at, stage = 0, done = false, not_before = null;
  return null;
end $$;
comment on function app.look_anew is
  'Trigger: whatever is sent under a marker is looked at again, counted from its last change.';

create trigger booking_attempts_looked_at
  after insert or update of closed_at on public.booking_attempts
  for each row execute function app.look_anew();

create function app.look(
  p_row public.scheduled_registrations, p_marked_at timestamptz, p_stage int, p_last boolean
) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'registration_id', p_row.id, 'provider', p_row.provider, 'org_ref', p_row.org_ref,
    'since', coalesce((
      select min(opened_at) from public.booking_attempts where registration_id = p_row.id),
      p_row.created_at),
    'marked_at', p_marked_at, 'stage', p_stage, 'last', p_last)
$$;
comment on function app.look is 'Shape of Look.';

create function public.due_looks(p_sweep jsonb) returns jsonb
language sql stable security definer set search_path = '' as $$
  with delays as (
    select place::int as stage, told::interval as delay
    from jsonb_array_elements_text(p_sweep -> 'delays') with ordinality as list (told, place)
  ), due as (
    select kept, looked.marked_at, (
      select max(delays.stage) from delays
      where looked.marked_at + delays.delay <= clock_timestamp()) as stage,
      row_number() over (
        partition by kept.provider, kept.org_ref order by looked.marked_at, kept.id) as turn
    from public.looks as looked
    join public.scheduled_registrations as kept on kept.id = looked.registration_id
    where looked.marked_at is not null and not looked.done
      and coalesce(looked.not_before <= clock_timestamp(), true)
      and kept.status in ('completed', 'failed', 'cancelled', 'needs_review')
      and exists (
        select from delays where delays.stage > looked.stage
          and looked.marked_at + delays.delay <= clock_timestamp())
      -- Its pace belongs to the bookings.
      and not exists (
        select from public.scheduled_registrations as soon
        where (soon.provider, soon.org_ref) = (kept.provider, kept.org_ref)
          and soon.status in ('pending', 'executing')
          and soon.scheduled_time
            between clock_timestamp() - (p_sweep ->> 'away_from_openings')::interval
            and clock_timestamp() + (p_sweep ->> 'away_from_openings')::interval)
  ), chosen as (
    select * from due where turn <= (p_sweep ->> 'per_account')::int
    order by marked_at, (kept).id limit (p_sweep ->> 'limit')::int
  )
  select coalesce(jsonb_agg(
    app.look(kept, marked_at, stage, stage = (select max(delays.stage) from delays))
    order by marked_at, (kept).id), '[]')
  from chosen
$$;
comment on function public.due_looks is
  'The registrations whose bookings are to be looked at again (BookingSweep), longest due first.';

create function public.note_look(p_look jsonb, p_put_off interval) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  update public.looks set
    stage = case when p_put_off is null then greatest(stage, (p_look ->> 'stage')::int)
      else stage end,
    done = done or (p_put_off is null and (p_look ->> 'last')::boolean),
    looked_at = case when p_put_off is null then clock_timestamp() else looked_at end,
    not_before = clock_timestamp() + p_put_off
  where registration_id = (p_look ->> 'registration_id')::uuid
    -- A marker that changed meanwhile asks for looks of its own.
    and marked_at = (p_look ->> 'marked_at')::timestamptz;
  return null;
end $$;
comment on function public.note_look is
  'A look (Look) is settled, or put off for so long. Of a marker that changed since, nothing is '
  'kept. Repeatable.';

create function public.noticed_look(
  p_provider text, p_booking_number text, p_reference text
) returns jsonb
language sql stable security definer set search_path = '' as $$
  select app.look(kept, null, 0, false)
  from public.scheduled_registrations as kept
  where kept.provider = p_provider and kept.id = coalesce(
    case when p_reference ~ '^sa-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
      then substr(p_reference, 4)::uuid end,
    (select scheduled_registration_id from public.registrations
      where provider = p_provider and booking_number = p_booking_number))
$$;
comment on function public.noticed_look is
  'The registration of a provider''s booking as a Look outside the stages: by our reference, else '
  'by the receipt of that number; null where it is none of ours.';

create function public.note_surplus(
  p_registration_id uuid, p_surplus jsonb, p_operation_key text
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  kept constant public.scheduled_registrations := app.locked(p_registration_id);
begin
  if app.first_answer(p_operation_key, 'note_surplus', kept.id) is not null then
    return null;
  end if;
  perform app.audit(kept.id, 'surplus_found', jsonb_build_object(
      'status', kept.status, 'recorded', p_surplus -> 'recorded', 'kept', p_surplus -> 'kept',
      'standing', p_surplus -> 'standing', 'cancelled', p_surplus -> 'cancelled'),
    p_operation_key);
  perform app.keep_answer(p_operation_key, 'note_surplus', kept.id, 'null');
  return null;
end $$;
comment on function public.note_surplus is
  'Record live bookings that should not be, and what became of them (Surplus); the row stays as '
  'it is. PT404.';

revoke all on public.looks from public, anon, authenticated, service_role;
revoke all on all functions in schema app from public, anon, authenticated, service_role;
grant execute on function app.user_id() to authenticated;
do $$
declare
  called text;
begin
  foreach called in array array['due_looks', 'note_look', 'noticed_look', 'note_surplus'] loop
    execute format('revoke all on function public.%I from public, anon, authenticated', called);
    execute format('grant execute on function public.%I to service_role', called);
  end loop;
end $$;
