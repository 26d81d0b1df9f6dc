-- The audit trail: append-only, and a SHA-256 chain per registration. The text that is hashed is
-- the one domain/audit.py hashes, so either side can check the other.

-- jsonb has put strings, numbers and literals into one form already; what is left is the order
-- of keys (by code point) and white space. Only whole numbers: a fraction has many spellings.
create function app.canonical_json(p_value jsonb) returns text
language plpgsql immutable strict parallel safe set search_path = '' as $$
begin
  case jsonb_typeof(p_value)
    when 'object' then
      return '{' || coalesce((
        select string_agg(to_json(key)::text || ':' || app.canonical_json(value), ','
          order by key collate "C")
        from jsonb_each(p_value)), '') || '}';
    when 'array' then
      return '[' || coalesce((
        select string_agg(app.canonical_json(value), ',' order by place)
        from jsonb_array_elements(p_value) with ordinality as items (value, place)), '') || ']';
    when 'number' then
      if p_value::text !~ '^-?[0-9]+$' or abs(p_value::numeric) > 9007199254740991 then
        perform app.reject('not_whole', 'Audited numbers are whole, within 2^53.');
      end if;
      return p_value::text;
    else
      return p_value::text;
  end case;
end $$;
comment on function app.canonical_json is
  'The one text of a JSON value (RFC 8785 without fractions), as domain.audit.canonical_json has it.';

create table public.audit_events (
  registration_id uuid not null references public.scheduled_registrations,
  seq int not null check (seq >= 1),
  kind text not null check (kind in (
    'drafted', 'confirmed', 'rescheduled', 'problem_found', 'claimed', 'attempt_opened',
    'attempt_closed', 'booked', 'fee_frozen', 'fee_settled', 'completed', 'failed', 'cancelled',
    'needs_review', 'mandate_revoked')),
  detail jsonb not null check (jsonb_typeof(detail) = 'object'),
  operation_key text not null,
  at timestamptz not null,
  at_text text not null,
  prev_hash text not null check (prev_hash ~ '^[0-9a-f]{64}$'),
  hash text not null check (hash ~ '^[0-9a-f]{64}$'),
  primary key (registration_id, seq),
  -- The hash covers the text; this ties the instant to it.
  constraint instant_as_hashed check (at_text = app.instant_text(at))
);
comment on table public.audit_events is
  'What happened to each registration: ids, states, amounts and instants, nothing personal.';
alter table public.audit_events enable row level security;

create function app.event_hash(p_event public.audit_events) returns text
language sql immutable set search_path = '' as $$
  select encode(sha256(convert_to(app.canonical_json(jsonb_build_object(
    'at', p_event.at_text, 'detail', p_event.detail, 'kind', p_event.kind,
    'operation_key', p_event.operation_key, 'prev_hash', p_event.prev_hash,
    'registration_id', p_event.registration_id, 'seq', p_event.seq)), 'UTF8')), 'hex')
$$;
comment on function app.event_hash is 'The hash an event must carry, as 64 hex digits.';

create function app.chain_audit_event() returns trigger
language plpgsql set search_path = '' as $$
begin
  -- Whoever appends holds the registration, so that no two events take one place.
  perform app.locked(new.registration_id);
  select max(seq) + 1 into new.seq
  from public.audit_events where registration_id = new.registration_id;
  new.seq := coalesce(new.seq, 1);
  select hash into new.prev_hash
  from public.audit_events where registration_id = new.registration_id and seq = new.seq - 1;
  new.prev_hash := coalesce(new.prev_hash, repeat('0', 64));
  new.at := clock_timestamp();
  new.at_text := app.instant_text(new.at);
  new.hash := app.event_hash(new);
  return new;
end $$;
comment on function app.chain_audit_event is
  'Trigger: gives an event its place, instant and hash, whatever the insert said.';

create function app.keep_audit_head() returns trigger
language plpgsql set search_path = '' as $$
begin
  update public.scheduled_registrations set audit_head = new.hash where id = new.registration_id;
  return null;
end $$;
comment on function app.keep_audit_head is 'Trigger: the registration names its last event.';

create function app.refuse_rewriting() returns trigger
language plpgsql set search_path = '' as $$
begin
  perform app.reject('append_only', 'The audit trail is append-only.');
  return null;
end $$;
comment on function app.refuse_rewriting is 'Trigger: refuses every change of what was written.';

create trigger audit_events_chain before insert on public.audit_events
  for each row execute function app.chain_audit_event();
create trigger audit_events_head after insert on public.audit_events
  for each row execute function app.keep_audit_head();
-- For each statement: refused even where no row would be touched.
create trigger audit_events_append_only before update or delete or truncate on public.audit_events
  for each statement execute function app.refuse_rewriting();

create function app.audit(
  p_registration_id uuid, p_kind text, p_detail jsonb, p_operation_key text
) returns void
language sql set search_path = '' as $$
  insert into public.audit_events (registration_id, kind, detail, operation_key)
  values (p_registration_id, p_kind, p_detail, p_operation_key)
$$;
comment on function app.audit is 'Appends an event to the registration''s chain.';
