-- Backups: when they are due, what became of each, and the one role that reads for them.

create table public.backup_schedules (
  name text primary key check (name ~ '^[a-z][a-z0-9-]{0,39}$'),
  every interval not null check (every between '1 min' and '366 days'),
  next_due_at timestamptz not null,
  enabled boolean not null default true,
  keep_last int not null default 7 check (keep_last between 0 and 1000),
  keep_daily int not null default 14 check (keep_daily between 0 and 1000),
  keep_weekly int not null default 8 check (keep_weekly between 0 and 1000),
  keep_monthly int not null default 12 check (keep_monthly between 0 and 1000),
  created_at timestamptz not null default clock_timestamp()
);
comment on table public.backup_schedules is
  'When backups are made, and how long they are kept. Nothing personal.';
comment on column public.backup_schedules.every is
  'Hours, minutes and seconds, whatever it was given as: a day is 24 hours.';
alter table public.backup_schedules enable row level security;

-- Every installation makes one a day until an operator decides otherwise: at 03:00 UTC.
insert into public.backup_schedules (name, every, next_due_at)
values ('nightly', '24:00:00',
  date_trunc('day', clock_timestamp() at time zone 'UTC') at time zone 'UTC' + interval '27:00:00');

create table public.backups (
  id uuid primary key default gen_random_uuid(),
  schedule text not null references public.backup_schedules,
  due_at timestamptz not null,
  state text not null default 'due' check (state in (
    'due', 'running', 'written', 'verified', 'skipped', 'failed', 'removed')),
  began_at timestamptz,
  place text unique check (length(place) between 1 and 200),
  taken_at timestamptz,
  row_count bigint check (row_count >= 0),
  size_bytes bigint check (size_bytes >= 0),
  chunks int check (chunks >= 1),
  key_name text check (length(key_name) between 1 and 40),
  verified_at timestamptz,
  ended_at timestamptz,
  failure text check (length(failure) between 1 and 100),
  constraint backups_once unique (schedule, due_at),
  constraint backups_written_whole check (
    num_nulls(place, taken_at, row_count, size_bytes, chunks, key_name) in (0, 6)),
  constraint backups_written check (
    place is not null or state not in ('written', 'verified', 'removed'))
);
comment on table public.backups is
  'What became of each backup that was due: where it lies and what it holds. Nothing personal.';
comment on column public.backups.taken_at is
  'Whatever was committed after this instant is not in it.';
create unique index backups_one_at_work on public.backups (schedule)
  where state in ('running', 'written');
create index backups_due on public.backups (due_at) where state = 'due';
alter table public.backups enable row level security;

-- Roles belong to the server, not to one database of it: it may be there already, or be made by
-- another database's deploy at this moment. Nobody logs in as it until an operator gives it a
-- password.
do $$
begin
  if not exists (select from pg_catalog.pg_roles where rolname = 'signupassist_backup') then
    -- Past the policies, because a backup that lacks rows is none; and read only, whatever it runs.
    create role signupassist_backup nologin noinherit bypassrls;
    alter role signupassist_backup set default_transaction_read_only = on;
  end if;
exception when duplicate_object or unique_violation then
  null;
end $$;
grant usage on schema public to signupassist_backup;
grant select on all tables in schema public to signupassist_backup;
-- Tables to come, too: one that is forgotten would be missing when it is needed.
alter default privileges in schema public grant select on tables to signupassist_backup;
do $$
begin
  if to_regclass('supabase_migrations.schema_migrations') is not null then
    grant usage on schema supabase_migrations to signupassist_backup;
    grant select (version) on supabase_migrations.schema_migrations to signupassist_backup;
  end if;
end $$;

alter table public.alerts drop constraint alerts_kind_check;
alter table public.alerts add constraint alerts_kind_check check (kind in (
  'several_bookings', 'ghost_booking', 'booking_gone', 'run_missing', 'review_waiting',
  'fee_unsettled', 'refund_failed', 'mandate_unsigned', 'charge_unexpected',
  'cancellation_open', 'look_unanswered', 'backup_failed'));

revoke all on public.backup_schedules, public.backups
  from public, anon, authenticated, service_role;
