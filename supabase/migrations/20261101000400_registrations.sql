-- One row per registration: what a parent asked for, and where it stands.

create table public.scheduled_registrations (
  id uuid primary key default gen_random_uuid(),
  code text not null unique check (app.is_code(code, 'SCH-')),
  user_id uuid not null references public.user_profiles,
  mandate_id uuid unique,
  program_id uuid not null references public.programs,
  -- Copied from the program when drafted: what was agreed to stays, whatever the catalogue says.
  provider text not null,
  org_ref text not null,
  program_ref text not null,
  event_id text not null,
  scheduled_time timestamptz not null,
  time_zone text not null check (length(time_zone) between 1 and 100),
  opening_source text not null check (opening_source in ('provider_page', 'operator', 'parent')),
  status text not null default 'draft' check (status in (
    'draft', 'pending', 'executing', 'completed', 'failed', 'cancelled', 'needs_review')),
  fee_status text not null default 'not_due' check (fee_status in (
    'not_due', 'due', 'requires_action', 'paid', 'refunded')),
  max_total_cents int not null check (max_total_cents between 0 and 10000000),
  success_fee_cents int not null check (success_fee_cents between 0 and 10000000),
  currency char(3) not null check (currency ~ '^[A-Z]{3}$'),
  summary text not null check (length(summary) between 1 and 10000),
  summary_digest text not null check (length(summary_digest) between 1 and 128),
  lapses_at timestamptz not null,
  confirmed_at timestamptz,
  booking_number text check (length(booking_number) between 1 and 100),
  price_cents int check (price_cents between 0 and 10000000),
  failure_code text check (failure_code in (
    'missed_window', 'sold_out', 'not_opened', 'rejected', 'over_cap', 'mandate_invalid',
    'provider_blocked', 'unauthorised', 'lapsed')),
  error_message text check (length(error_message) <= 2000),
  first_request_at timestamptz,
  lateness_ms int check (lateness_ms >= 0),
  queue_delay_ms int check (queue_delay_ms >= 0),
  audit_head text check (audit_head ~ '^[0-9a-f]{64}$'),
  version int not null default 1 check (version >= 1),
  created_at timestamptz not null default clock_timestamp(),
  foreign key (provider, org_ref) references public.provider_accounts,
  constraint confirmed_with_mandate check (
    status in ('draft', 'cancelled') or (confirmed_at is not null and mandate_id is not null)),
  constraint completed_with_booking check (status <> 'completed' or booking_number is not null),
  constraint failed_for_a_cause check ((status = 'failed') = (failure_code is not null)),
  constraint fee_only_for_a_booking check (
    fee_status = 'not_due' or status in ('completed', 'cancelled'))
);
comment on table public.scheduled_registrations is
  'What a parent asked for, and where it stands. Written by the transition functions only.';
comment on column public.scheduled_registrations.max_total_cents is
  'The parent''s cap over the program''s price and the success fee together.';
comment on column public.scheduled_registrations.audit_head is
  'Hash of the last audit event; kept by the audit chain''s trigger.';
comment on column public.scheduled_registrations.version is
  'Raised by each change of status, schedule or fee; callers name the one they saw.';
create index scheduled_registrations_user
  on public.scheduled_registrations (user_id, created_at desc);
create index scheduled_registrations_opening
  on public.scheduled_registrations (status, scheduled_time);
create index scheduled_registrations_program on public.scheduled_registrations (program_id);

create table public.registration_children (
  registration_id uuid not null references public.scheduled_registrations,
  child_id uuid not null references public.children,
  position int not null check (position >= 1),
  provider text not null,
  org_ref text not null,
  program_ref text not null,
  event_id text not null,
  live boolean not null default false,
  primary key (registration_id, child_id),
  unique (registration_id, position)
);
comment on table public.registration_children is
  'The children of a registration, in the order the parent named them.';
comment on column public.registration_children.live is
  'Whether the registration holds or seeks a place; kept by trigger from its status.';
-- The rule itself: a child has one live registration per event, however many are drafted.
create unique index one_live_registration
  on public.registration_children (child_id, provider, org_ref, program_ref, event_id) where live;

alter table public.scheduled_registrations enable row level security;
alter table public.registration_children enable row level security;

create function app.keep_children_live() returns trigger
language plpgsql set search_path = '' as $$
declare
  is_live constant boolean :=
    new.status in ('pending', 'executing', 'needs_review', 'completed');
  kept uuid;
begin
  -- One child after the other, in one order everywhere: two registrations of the same brothers
  -- then wait for each other instead of locking each other out.
  for kept in
    select child_id from public.registration_children
    where registration_id = new.id and live <> is_live order by child_id
  loop
    update public.registration_children set live = is_live
    where registration_id = new.id and child_id = kept;
  end loop;
  return null;
end $$;
comment on function app.keep_children_live is
  'Trigger: makes the children of a registration live exactly while its status is.';

create trigger registrations_children_live
  after update of status on public.scheduled_registrations
  for each row when (old.status is distinct from new.status)
  execute function app.keep_children_live();

create function app.locked(p_registration_id uuid) returns public.scheduled_registrations
language plpgsql set search_path = '' as $$
declare
  found_row public.scheduled_registrations;
begin
  select * into found_row from public.scheduled_registrations
  where id = p_registration_id for update;
  if not found then
    perform app.missing('registration');
  end if;
  return found_row;
end $$;
comment on function app.locked is
  'The registration, held by this transaction: its transitions happen one after another.';

create function app.expect(
  p_row public.scheduled_registrations, p_statuses text[], p_version int
) returns void
language plpgsql set search_path = '' as $$
begin
  if p_row.status <> all (p_statuses) then
    perform app.conflict(format('The registration is %s; expected %s.',
      p_row.status, array_to_string(p_statuses, ' or ')));
  elsif p_row.version is distinct from p_version then
    perform app.conflict(format('The registration changed meanwhile: version %s, expected %s.',
      p_row.version, coalesce(p_version::text, 'none')));
  end if;
end $$;
comment on function app.expect is
  'Compare-and-set: refuses unless the locked row is in one of the statuses and the version.';
