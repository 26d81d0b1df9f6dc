-- First answers, and letters waiting to be sent. Both are written in the transaction of the
-- transition they belong to: there is no answer, and no letter, without its change.

create table public.operations (
  operation_key text primary key check (length(operation_key) between 1 and 300),
  registration_id uuid not null references public.scheduled_registrations,
  name text not null,
  answer jsonb not null,
  answered_at timestamptz not null default clock_timestamp()
);
comment on table public.operations is
  'The first answer of each operation; a repeat gets it again. Ids and states, nothing personal.';
create index operations_registration on public.operations (registration_id);

create table public.notifications (
  id uuid primary key default gen_random_uuid(),
  place bigint generated always as identity,
  registration_id uuid not null references public.scheduled_registrations,
  kind text not null check (kind in (
    'scheduled', 'rescheduled', 'cancelled', 'problem_ahead', 'booked', 'not_booked',
    'under_review', 'fee_due', 'fee_paid')),
  facts jsonb not null default '{}' check (jsonb_typeof(facts) = 'object'),
  created_at timestamptz not null default clock_timestamp(),
  sent_at timestamptz
);
comment on table public.notifications is
  'The outbox: what to tell a parent. The words are composed when the letter is sent.';
create index notifications_registration on public.notifications (registration_id, place);

alter table public.operations enable row level security;
alter table public.notifications enable row level security;

create function app.first_answer(
  p_operation_key text, p_name text, p_registration_id uuid
) returns jsonb
language plpgsql set search_path = '' as $$
declare
  kept public.operations;
begin
  select * into kept from public.operations where operation_key = p_operation_key;
  if found and (kept.name, kept.registration_id) is distinct from (p_name, p_registration_id) then
    perform app.conflict('This operation key belongs to another operation.');
  end if;
  return kept.answer;
end $$;
comment on function app.first_answer is
  'What this operation answered the first time, or null. To be asked with the row locked.';

create function app.keep_answer(
  p_operation_key text, p_name text, p_registration_id uuid, p_answer jsonb
) returns jsonb
language plpgsql set search_path = '' as $$
begin
  if coalesce(p_operation_key, '') = '' then
    perform app.reject('no_operation_key', 'A transition needs an operation key.');
  end if;
  insert into public.operations (operation_key, registration_id, name, answer)
  values (p_operation_key, p_registration_id, p_name, p_answer);
  return p_answer;
end $$;
comment on function app.keep_answer is 'Keeps the first answer of an operation, and returns it.';

create function app.tell(p_registration_id uuid, p_kind text, p_facts jsonb default '{}')
returns void
language sql set search_path = '' as $$
  insert into public.notifications (registration_id, kind, facts)
  values (p_registration_id, p_kind, p_facts)
$$;
comment on function app.tell is 'Puts a letter to the parent in the outbox.';
