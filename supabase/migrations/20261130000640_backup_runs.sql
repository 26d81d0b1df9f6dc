-- What is due, what became of it, and what is kept of it.

create function app.backup(p_row public.backups) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'id', p_row.id, 'schedule', p_row.schedule, 'due_at', p_row.due_at, 'state', p_row.state,
    'began_at', p_row.began_at, 'verified_at', p_row.verified_at, 'ended_at', p_row.ended_at,
    'failure', p_row.failure,
    'written', case when p_row.place is not null then jsonb_build_object(
      'place', p_row.place, 'taken_at', p_row.taken_at, 'rows', p_row.row_count,
      'size_bytes', p_row.size_bytes, 'chunks', p_row.chunks, 'key_name', p_row.key_name) end)
$$;
comment on function app.backup is 'Shape of domain.backups.Backup.';

create function app.locked_backup(p_backup_id uuid) returns public.backups
language plpgsql set search_path = '' as $$
declare
  kept public.backups;
begin
  select * into kept from public.backups where id = p_backup_id for update;
  if not found then
    perform app.missing('backup');
  end if;
  return kept;
end $$;
comment on function app.locked_backup is 'That backup''s row, held to the end of the transaction.';

create function app.backup_schedule(p_row public.backup_schedules) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'name', p_row.name, 'next_due_at', p_row.next_due_at, 'enabled', p_row.enabled,
    'every', 'PT' || trim_scale(extract(epoch from p_row.every)) || 'S',
    'keep', jsonb_build_object(
      'last', p_row.keep_last, 'daily', p_row.keep_daily, 'weekly', p_row.keep_weekly,
      'monthly', p_row.keep_monthly),
    'created_at', p_row.created_at,
    'newest_taken_at', (
      select max(taken_at) from public.backups
      where schedule = p_row.name and verified_at is not null),
    'last_failure', (
      select last.failure from public.backups as last
      where last.schedule = p_row.name and last.state in ('verified', 'failed', 'removed')
      order by last.due_at desc limit 1))
$$;
comment on function app.backup_schedule is 'Shape of domain.backups.BackupSchedule.';

create function public.due_backups(p_at timestamptz) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  with due as (
    select name, every, next_due_at + every
      * floor(extract(epoch from p_at - next_due_at) / extract(epoch from every))::float8 as latest
    from public.backup_schedules
    where enabled and next_due_at <= p_at
    order by name for update
  ), moved as (
    update public.backup_schedules as kept set next_due_at = due.latest + due.every
    from due where kept.name = due.name
    returning kept.name, due.latest
  )
  insert into public.backups (schedule, due_at)
  select name, latest from moved
  on conflict (schedule, due_at) do nothing;
  update public.backups as older set state = 'skipped', ended_at = clock_timestamp()
  where older.state = 'due' and exists (
    select from public.backups as newer
    where newer.schedule = older.schedule and newer.state = 'due' and newer.due_at > older.due_at);
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
        'backup_id', waiting.id, 'schedule', waiting.schedule, 'due_at', waiting.due_at)
      order by waiting.due_at, waiting.schedule), '[]')
    from public.backups as waiting
    join public.backup_schedules as kept on kept.name = waiting.schedule
    where waiting.state = 'due' and waiting.due_at <= p_at and kept.enabled);
end $$;
comment on function public.due_backups is
  'What is due by that instant and was not begun (DueBackup): of each schedule the latest of the '
  'times that passed, once. Asked again, it answers what still waits.';

create function public.begin_backup(p_due jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  asked constant uuid := (p_due ->> 'backup_id')::uuid;
  kept public.backups;
begin
  perform from public.backup_schedules where name = p_due ->> 'schedule' for update;
  if not found then
    perform app.missing('schedule of backups');
  end if;
  insert into public.backups (id, schedule, due_at)
  values (asked, p_due ->> 'schedule', (p_due ->> 'due_at')::timestamptz)
  on conflict do nothing;
  select * into kept from public.backups where id = asked for update;
  if not found then
    perform app.conflict('That time has a backup under another id.');
  elsif kept.state in ('due', 'skipped', 'failed') then
    -- Temporal runs one workflow of a schedule at a time: whatever else is at work, is not.
    update public.backups set
      state = 'failed', failure = 'interrupted', ended_at = clock_timestamp()
    where schedule = kept.schedule and state in ('running', 'written');
    update public.backups set
      state = 'running', began_at = clock_timestamp(), ended_at = null, failure = null,
      place = null, taken_at = null, row_count = null, size_bytes = null, chunks = null,
      key_name = null
    where id = kept.id
    returning * into kept;
  end if;
  return app.backup(kept);
end $$;
comment on function public.begin_backup is
  'It is being made (DueBackup), and no other of its schedule is any more; one that was not due '
  'becomes known. One that was written already is answered as it is (Backup). PT404 without such '
  'a schedule; PT409 where that time has a backup under another id.';

create function public.skip_backup(p_backup_id uuid) returns jsonb
language sql security definer set search_path = '' as $$
  update public.backups set state = 'skipped', ended_at = clock_timestamp()
  where id = p_backup_id and state = 'due';
  select null::jsonb
$$;
comment on function public.skip_backup is
  'It is not made: another of its schedule is at work. One that was begun stays. Repeatable.';

create function public.note_backup_written(p_backup_id uuid, p_written jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  kept public.backups := app.locked_backup(p_backup_id);
begin
  if kept.state = 'running' then
    update public.backups set
      state = 'written', place = p_written ->> 'place',
      taken_at = (p_written ->> 'taken_at')::timestamptz,
      row_count = (p_written ->> 'rows')::bigint,
      size_bytes = (p_written ->> 'size_bytes')::bigint,
      chunks = (p_written ->> 'chunks')::int, key_name = p_written ->> 'key_name'
    where id = kept.id
    returning * into kept;
  elsif kept.state not in ('written', 'verified') then
    perform app.conflict(format('The backup is %s.', kept.state));
  end if;
  return app.backup(kept);
end $$;
comment on function public.note_backup_written is
  'It is whole in the target (WrittenBackup); the first answer stays (Backup). PT404; PT409 unless '
  'it is being made.';

create function public.note_backup_verified(p_backup_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  kept public.backups := app.locked_backup(p_backup_id);
begin
  if kept.state = 'written' then
    update public.backups set
      state = 'verified', verified_at = clock_timestamp(), ended_at = clock_timestamp()
    where id = kept.id
    returning * into kept;
  elsif kept.state <> 'verified' then
    perform app.conflict(format('The backup is %s.', kept.state));
  end if;
  return app.backup(kept);
end $$;
comment on function public.note_backup_verified is
  'It was read back (Backup). Repeatable. PT404; PT409 unless written.';

create function public.note_backup_failed(p_backup_id uuid, p_failure text) returns jsonb
language sql security definer set search_path = '' as $$
  update public.backups set state = 'failed', failure = p_failure, ended_at = clock_timestamp()
  where id = p_backup_id and state in ('due', 'running', 'written');
  select null::jsonb
$$;
comment on function public.note_backup_failed is
  'It came to nothing; one that was verified stays so. Repeatable.';

create function public.note_backup_removed(p_place text) returns jsonb
language sql security definer set search_path = '' as $$
  update public.backups set state = 'removed' where place = p_place and state <> 'removed';
  select null::jsonb
$$;
comment on function public.note_backup_removed is 'The target has it no more. Repeatable.';

create function public.list_backup_schedules() returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(
    jsonb_agg(app.backup_schedule(kept.*::public.backup_schedules) order by kept.name), '[]')
  from public.backup_schedules as kept
$$;
comment on function public.list_backup_schedules is
  'Every schedule of backups, and how its backups stand (BackupSchedule).';

create function public.list_backups(p_limit int) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(
    jsonb_agg(app.backup(listed.*::public.backups) order by listed.due_at desc, listed.id), '[]')
  from (
    select * from public.backups order by due_at desc, id limit greatest(p_limit, 0)
  ) as listed
$$;
comment on function public.list_backups is 'What became of the latest backups (Backup), latest first.';

create function public.save_backup_schedule(p_schedule jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  keep constant jsonb := p_schedule -> 'keep';
  kept public.backup_schedules;
begin
  insert into public.backup_schedules (
    name, every, next_due_at, enabled, keep_last, keep_daily, keep_weekly, keep_monthly)
  values (
    p_schedule ->> 'name',
    make_interval(secs => extract(epoch from (p_schedule ->> 'every')::interval)::float8),
    (p_schedule ->> 'next_due_at')::timestamptz, (p_schedule ->> 'enabled')::boolean,
    (keep ->> 'last')::int, (keep ->> 'daily')::int, (keep ->> 'weekly')::int,
    (keep ->> 'monthly')::int)
  on conflict (name) do update set
    every = excluded.every, next_due_at = excluded.next_due_at, enabled = excluded.enabled,
    keep_last = excluded.keep_last, keep_daily = excluded.keep_daily,
    keep_weekly = excluded.keep_weekly, keep_monthly = excluded.keep_monthly
  returning * into kept;
  return app.backup_schedule(kept);
exception
  when check_violation or not_null_violation then
    perform app.reject('invalid_schedule', 'The schedule''s values were not accepted.');
end $$;
comment on function public.save_backup_schedule is
  'Creates or changes it (NewBackupSchedule, BackupSchedule). PT422 invalid_schedule.';

revoke all on all functions in schema app from public, anon, authenticated, service_role;
grant execute on function app.user_id() to authenticated;
do $$
declare
  called text;
begin
  foreach called in array array[
    'due_backups', 'begin_backup', 'skip_backup', 'note_backup_written', 'note_backup_verified',
    'note_backup_failed', 'note_backup_removed', 'list_backup_schedules', 'list_backups',
    'save_backup_schedule'
  ] loop
    execute format('revoke all on function public.%I from public, anon, authenticated', called);
    execute format('grant execute on function public.%I to service_role', called);
  end loop;
  foreach called in array array[
    'due_backups', 'begin_backup', 'skip_backup', 'note_backup_written', 'note_backup_verified',
    'note_backup_failed', 'note_backup_removed', 'list_backup_schedules'
  ] loop
    execute format('grant execute on function public.%I to signupassist_worker', called);
  end loop;
end $$;
