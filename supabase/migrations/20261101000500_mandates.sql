-- The parent's permission to act: for one user, program, event, set of children and cap.

create table public.mandates (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references public.user_profiles,
  -- Single use: one mandate per registration, and one registration per mandate.
  registration_id uuid not null unique references public.scheduled_registrations,
  program_ref text not null,
  event_id text not null,
  child_ids uuid[] not null check (cardinality(child_ids) >= 1),
  max_total_cents int not null check (max_total_cents between 0 and 10000000),
  currency char(3) not null check (currency ~ '^[A-Z]{3}$'),
  issued_at timestamptz not null default clock_timestamp(),
  valid_until timestamptz not null,
  used_at timestamptz,
  revoked_at timestamptz,
  constraint mandates_of_their_row unique (registration_id, id)
);
comment on table public.mandates is 'What a parent permitted when confirming, and until when.';
comment on column public.mandates.valid_until is 'Past the whole retry window.';
comment on column public.mandates.used_at is 'When its one booking was made.';
create index mandates_user on public.mandates (user_id);

-- A registration names its own mandate and nobody else's.
alter table public.scheduled_registrations
  add constraint mandate_of_this_registration
  foreign key (id, mandate_id) references public.mandates (registration_id, id);

alter table public.mandates enable row level security;

create function app.keep_mandate_terms() returns trigger
language plpgsql set search_path = '' as $$
begin
  if (new.id, new.user_id, new.registration_id, new.program_ref, new.event_id, new.child_ids,
      new.max_total_cents, new.currency, new.issued_at)
    is distinct from
     (old.id, old.user_id, old.registration_id, old.program_ref, old.event_id, old.child_ids,
      old.max_total_cents, old.currency, old.issued_at)
    or (old.used_at is not null and new.used_at is distinct from old.used_at)
    or (old.revoked_at is not null and new.revoked_at is distinct from old.revoked_at)
  then
    perform app.reject('mandate_fixed', 'What a parent permitted cannot be changed.');
  end if;
  return new;
end $$;
comment on function app.keep_mandate_terms is
  'Trigger: a mandate''s terms never change; it is used once and revoked once.';

create trigger mandates_keep_terms before update on public.mandates
  for each row execute function app.keep_mandate_terms();
