-- Whether bookings run, and from which backup the database was restored: one row.

create table public.service_state (
  only_row boolean primary key default true check (only_row),
  bookings_paused_since timestamptz,
  paused_because text check (length(paused_because) between 1 and 500),
  backup_taken_at timestamptz,
  restored_at timestamptz,
  reconciled_at timestamptz,
  constraint paused_for_a_reason check (num_nulls(bookings_paused_since, paused_because) in (0, 2)),
  constraint restored_from_a_backup check (num_nulls(backup_taken_at, restored_at) in (0, 2)),
  constraint reconciled_after_a_restore check (reconciled_at is null or restored_at is not null),
  constraint paused_until_reconciled check (
    restored_at is null or reconciled_at is not null or bookings_paused_since is not null)
);
comment on table public.service_state is
  'One row: are bookings paused, and was the database restored. Nothing personal.';
comment on column public.service_state.backup_taken_at is
  'Whatever happened after this instant may be missing here.';
comment on column public.service_state.restored_at is
  'When it was put back. Whoever sent something before it was lost, sends nothing after.';
comment on column public.service_state.reconciled_at is
  'When all that may have happened meanwhile had been looked for; null until then.';
insert into public.service_state default values;

create table public.service_events (
  place bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  kind text not null check (kind in ('paused', 'resumed', 'restored', 'reconciled')),
  because text check (length(because) <= 500)
);
comment on table public.service_events is
  'What operators did to the service as a whole: append-only.';
create trigger service_events_append_only before update or delete or truncate
  on public.service_events for each statement execute function app.refuse_rewriting();

alter table public.service_state enable row level security;
alter table public.service_events enable row level security;

create function app.service_state(p_row public.service_state) returns jsonb
language sql immutable set search_path = '' as $$
  select to_jsonb(p_row) - 'only_row'
$$;
comment on function app.service_state is 'Shape of domain.service.ServiceState.';

create function public.service_state() returns jsonb
language sql stable security definer set search_path = '' as $$
  select app.service_state(kept) from public.service_state as kept
$$;
comment on function public.service_state is 'Whether bookings are paused, and the last restore.';

create function public.pause_bookings(p_because text, p_backup_taken_at timestamptz default null)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  kept public.service_state;
begin
  select * into kept from public.service_state for update;
  if p_backup_taken_at > clock_timestamp() then
    perform app.reject('backup_in_future', 'A backup cannot have been taken in the future.');
  elsif p_backup_taken_at is not null then
    if kept.backup_taken_at = p_backup_taken_at and kept.reconciled_at is null then
      return app.service_state(kept);
    end if;
    update public.service_state set
      bookings_paused_since = clock_timestamp(), paused_because = p_because,
      backup_taken_at = p_backup_taken_at, restored_at = clock_timestamp(), reconciled_at = null
    returning * into kept;
    insert into public.service_events (kind, because) values ('restored', p_because);
  elsif kept.bookings_paused_since is null then
    update public.service_state set
      bookings_paused_since = clock_timestamp(), paused_because = p_because
    returning * into kept;
    insert into public.service_events (kind, because) values ('paused', p_because);
  end if;
  return app.service_state(kept);
exception
  when check_violation or not_null_violation then
    perform app.reject('no_reason', 'Pausing needs a reason of at most 500 characters.');
end $$;
comment on function public.pause_bookings is
  'Nothing is claimed or sent any more. While paused, a repeat keeps the first instant and '
  'reason. With an instant: the database was restored from a backup of then. PT422 no_reason, '
  'backup_in_future.';

create function public.resume_bookings(p_reconciled boolean default false) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  kept public.service_state;
  restored boolean;
begin
  select * into kept from public.service_state for update;
  restored := kept.restored_at is not null and kept.reconciled_at is null;
  if kept.bookings_paused_since is null then
    return app.service_state(kept);
  elsif restored and not p_reconciled then
    perform app.reject('not_reconciled',
      'The database was restored, and what happened since its backup has not been looked for.');
  end if;
  update public.service_state set
    bookings_paused_since = null, paused_because = null,
    reconciled_at = case when restored then clock_timestamp() else reconciled_at end
  returning * into kept;
  insert into public.service_events (kind)
  values (case when restored then 'reconciled' else 'resumed' end);
  return app.service_state(kept);
end $$;
comment on function public.resume_bookings is
  'Bookings run again; after a restore only for who says that it was reconciled. PT422 '
  'not_reconciled.';

revoke all on public.service_state, public.service_events
  from public, anon, authenticated, service_role;
revoke all on all functions in schema app from public, anon, authenticated, service_role;
grant execute on function app.user_id() to authenticated;
do $$
declare
  called text;
begin
  foreach called in array array['service_state', 'pause_bookings', 'resume_bookings'] loop
    execute format('revoke all on function public.%I from public, anon, authenticated', called);
    execute format('grant execute on function public.%I to service_role', called);
  end loop;
end $$;
