-- What every later file stands on: no privilege by default, the unexposed schema `app`,
-- the three refusals, and the codes people read out over the phone.

-- Hosted Supabase grants every new object of `public` to its API roles. Undone first, so that
-- whatever is created below starts with no privilege at all and is granted by name at the end.
alter default privileges in schema public
  revoke all on tables from anon, authenticated, service_role;
alter default privileges in schema public
  revoke all on sequences from anon, authenticated, service_role;
alter default privileges in schema public
  revoke execute on functions from anon, authenticated, service_role;
-- Execution by everyone is a default of the database, not of a schema: it can only be taken
-- back without naming one.
alter default privileges revoke execute on functions from public;

-- Never listed among the API's exposed schemas: nothing in it can be called from outside.
create schema app;
comment on schema app is 'Rules shared by the public functions; not exposed by the data API.';
revoke all on schema app from public;

create function app.conflict(p_message text) returns void
language plpgsql set search_path = '' as $$
begin
  raise exception using errcode = 'PT409', message = p_message;
end $$;
comment on function app.conflict is
  'Refuses because the row is not in the state or version the caller saw. HTTP 409.';

create function app.missing(p_what text) returns void
language plpgsql set search_path = '' as $$
begin
  raise exception using errcode = 'PT404', message = format('There is no such %s.', p_what);
end $$;
comment on function app.missing is 'Refuses because the named thing does not exist. HTTP 404.';

create function app.reject(p_code text, p_message text) returns void
language plpgsql set search_path = '' as $$
begin
  raise exception using errcode = 'PT422', message = p_message, hint = p_code;
end $$;
comment on function app.reject is
  'Refuses values by a rule: its code in the hint, a sentence as the message. HTTP 422.';

-- Immutable, although to_char is not marked so: only digits are asked for, and those depend on
-- no locale and no session setting.
create function app.instant_text(p_at timestamptz) returns text
language sql immutable strict parallel safe set search_path = '' as $$
  select to_char(p_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$;
comment on function app.instant_text is
  'An instant as the audit trail and the outbox write it: UTC, microseconds, Z.';

-- Thirty signs that cannot be mistaken for one another, spoken or written: no 0 O, 1 I L, U.
-- Bytes from 240 up are thrown away, because 256 is no multiple of 30.
create function app.new_code(p_prefix text) returns text
language sql volatile set search_path = '' as $$
  select p_prefix || string_agg(
    substr('ABCDEFGHJKMNPQRSTVWXYZ23456789', drawn.byte % 30 + 1, 1), '')
  from (
    select get_byte(random.bytes, place) as byte
    from (select sha256(uuid_send(gen_random_uuid())) as bytes) as random,
      generate_series(0, 31) as place
    where get_byte(random.bytes, place) < 240
    order by place
    limit 8
  ) as drawn
$$;
comment on function app.new_code is
  'A random code: the prefix and 8 signs of an unambiguous alphabet. The caller retries a taken one.';

create function app.is_code(p_code text, p_prefix text) returns boolean
language sql immutable parallel safe set search_path = '' as $$
  select p_code ~ ('^' || p_prefix || '[A-HJKMNP-TV-Z2-9]{8}$')
$$;
comment on function app.is_code is 'Whether a text is a code of that prefix.';
