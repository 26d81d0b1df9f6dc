-- What `starter.py doctor` asks the database: who calls, what the roles of the data API may do, which
-- schema stands, and what has gone on longer than it should. Counts, codes and names of things only.

create function app.api_roles() returns table (id oid, name text)
language sql stable set search_path = '' as $$
  select distinct role.oid, role.rolname::text
  from pg_auth_members as member
  join pg_roles as role on role.oid = member.roleid
  where member.member = (select oid from pg_roles where rolname = 'authenticator')
$$;
comment on function app.api_roles is 'The roles that a caller of the data API may become.';

create function app.excess_rights() returns table (role text, privilege text, thing text)
language sql stable set search_path = '' as $$
  select role.name, asked.privilege, relation.relname::text
  from app.api_roles() as role
  cross join pg_class as relation
  cross join unnest(array[
    'select', 'insert', 'update', 'references', 'delete', 'truncate', 'trigger'
  ]) as asked (privilege)
  where relation.relnamespace = 'public'::regnamespace
    and relation.relkind in ('r', 'p', 'v', 'm', 'f')
    and (role.name, asked.privilege) <> ('authenticated', 'select')
    and case when asked.privilege in ('delete', 'truncate', 'trigger')
      then has_table_privilege(role.id, relation.oid, asked.privilege)
      else has_any_column_privilege(role.id, relation.oid, asked.privilege) end
  union all
  select role.name, 'execute', routine.proname::text
  from app.api_roles() as role
  cross join pg_proc as routine
  where role.name in ('anon', 'authenticated')
    and routine.pronamespace = 'public'::regnamespace
    and has_function_privilege(role.id, routine.oid, 'execute')
  union all
  select role.name, 'usage', 'app'
  from app.api_roles() as role
  where role.name <> 'authenticated' and has_schema_privilege(role.id, 'app', 'usage')
$$;
comment on function app.excess_rights is
  'What the API''s roles may do beyond reading their own rows and calling the service''s functions.';

create function app.privileges(p_role text) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'excess', (
      select coalesce(jsonb_agg(to_jsonb(right_) order by role, thing, privilege), '[]')
      from app.excess_rights() as right_),
    'withheld', (
      select coalesce(jsonb_agg(proname order by proname), '[]') from pg_proc
      where pronamespace = 'public'::regnamespace
        and not has_function_privilege(p_role, oid, 'execute')),
    'unguarded', (
      select coalesce(jsonb_agg(relname order by relname), '[]') from pg_class
      where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
        and not relrowsecurity),
    'writing_policies', (
      select coalesce(jsonb_agg(tablename || '.' || policyname order by tablename), '[]')
      from pg_policies where schemaname = 'public' and cmd <> 'SELECT'),
    'disabled_triggers', (
      select coalesce(jsonb_agg(relation.relname || '.' || kept.tgname
        order by relation.relname, kept.tgname), '[]')
      from pg_trigger as kept join pg_class as relation on relation.oid = kept.tgrelid
      where relation.relnamespace = 'public'::regnamespace
        and not kept.tgisinternal and kept.tgenabled in ('D', 'R')))
$$;
comment on function app.privileges is 'Shape of domain.health.Privileges, for a caller of that role.';

create function app.key_name(p_header text) returns text
language plpgsql immutable set search_path = '' as $$
declare
  standard constant text := translate(p_header, '-_', '+/');
begin
  return convert_from(
    decode(rpad(standard, (length(standard) + 3) / 4 * 4, '='), 'base64'), 'utf8')::jsonb ->> 'kid';
exception when data_exception then
  return null;
end $$;
comment on function app.key_name is
  'The key that a token''s header names, unverified; null where it cannot be read.';

create function app.mandate_keys() returns jsonb
language sql stable set search_path = '' as $$
  with headers as (
    select split_part(permission.token, '.', 1) as header, count(*) as in_all,
      count(*) filter (where app.mandate_in_use(kept)) as in_use,
      max(kept.id::text) filter (where app.mandate_in_use(kept)) as sample
    from public.mandates as permission
    join public.scheduled_registrations as kept on kept.id = permission.registration_id
    where permission.token is not null
    group by header
  ), named as (
    select app.key_name(header) as name, sum(in_all) as in_all, sum(in_use) as in_use,
      max(sample) as sample
    from headers group by name
  )
  select coalesce(jsonb_agg(to_jsonb(named) order by name nulls first), '[]') from named
$$;
comment on function app.mandate_keys is 'Which keys signed what is kept (domain.health.MandateKeyUse).';

create function app.matters(p_question jsonb) returns jsonb
language sql stable set search_path = '' as $$
  with asked as (
    select clock_timestamp() as now, clock_timestamp() - (p_question ->> 'recent')::interval as recent
  ), found (matter, code, since) as (
    select 'overdue', code, scheduled_time
    from public.scheduled_registrations, asked
    where status = 'pending' and scheduled_time <= now - (p_question ->> 'overdue')::interval
    union all
    select 'stuck', code, scheduled_time
    from public.scheduled_registrations, asked
    where status = 'executing' and scheduled_time <= now - (p_question ->> 'stuck')::interval
    union all
    select case failure_code when 'missed_window' then 'missed' else 'locked_out' end,
      code, scheduled_time
    from public.scheduled_registrations, asked
    where status = 'failed' and scheduled_time > recent
      and failure_code in ('missed_window', 'unauthorised', 'mandate_invalid')
    union all
    select 'late', kept.code, receipt.issued_at
    from public.registrations as receipt
    join public.scheduled_registrations as kept on kept.id = receipt.scheduled_registration_id
    cross join asked
    where receipt.issued_at > recent
      and receipt.lateness_ms > (p_question ->> 'late_ms')::int
    union all
    select 'without_receipt', code, scheduled_time
    from public.scheduled_registrations as kept
    where status = 'completed' and not exists (
      select from public.registrations where scheduled_registration_id = kept.id)
    union all
    select 'unrecorded', kept.code, attempt.closed_at
    from public.booking_attempts as attempt
    join public.scheduled_registrations as kept on kept.id = attempt.registration_id
    cross join asked
    where attempt.outcome = 'booked' and kept.status in ('pending', 'executing')
      and attempt.closed_at <= now - (p_question ->> 'stuck')::interval
    union all
    select 'fee_due', kept.code, receipt.issued_at
    from public.scheduled_registrations as kept
    join public.registrations as receipt on receipt.scheduled_registration_id = kept.id
    cross join asked
    where kept.status = 'completed' and kept.fee_status in ('due', 'requires_action')
      and receipt.issued_at <= now - (p_question ->> 'fee_due')::interval
    union all
    select 'undecided', kept.code, charge.first_sent_at
    from public.charges as charge
    join public.scheduled_registrations as kept on kept.id = charge.registration_id
    cross join asked
    where charge.status = 'frozen'
      and charge.first_sent_at <= now - (p_question ->> 'undecided')::interval
    union all
    select 'unsent', kept.code, letter.created_at
    from public.notifications as letter
    join public.scheduled_registrations as kept on kept.id = letter.registration_id
    cross join asked
    where letter.sent_at is null and letter.created_at > recent
      and letter.created_at <= now - (p_question ->> 'unsent')::interval
    union all
    select 'in_review', code, scheduled_time
    from public.scheduled_registrations where status = 'needs_review'
    union all
    select 'unsigned', kept.code, kept.scheduled_time
    from public.mandates as permission
    join public.scheduled_registrations as kept on kept.id = permission.registration_id
    where permission.token is null and app.mandate_in_use(kept)
  ), each_once as (
    select matter, code, min(since) as since from found group by matter, code
  ), counted as (
    select matter, count(*) as count, array_agg(code order by since, code) as codes
    from each_once group by matter
  )
  select coalesce(jsonb_object_agg(matter, jsonb_build_object(
      'count', count, 'codes', codes[1:(p_question ->> 'most_codes')::int])), '{}')
  from counted
$$;
comment on function app.matters is
  'What has gone on longer than it should (domain.health.Matter): how many, and the first codes.';

create function app.accounts_at_an_opening(p_within interval) returns jsonb
language sql stable set search_path = '' as $$
  select coalesce(jsonb_agg(distinct org_ref), '[]')
  from public.scheduled_registrations
  where status in ('pending', 'executing')
    and scheduled_time between clock_timestamp() - p_within and clock_timestamp() + p_within
$$;
comment on function app.accounts_at_an_opening is
  'Organisations whose account''s pace belongs to an opening now.';

create function public.health_report(p_question jsonb) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  -- Whoever defines the function is its user; who called it is the role that the API became.
  caller constant text := coalesce(nullif(current_setting('role', true), 'none'), session_user);
  applied jsonb;
begin
  if to_regclass('supabase_migrations.schema_migrations') is not null then
    -- By way of JSON: what the Supabase CLI made has no column for the checksum.
    select jsonb_agg(jsonb_build_object(
        'version', kept.version, 'sha256', to_jsonb(kept) ->> 'sha256') order by kept.version)
    into applied from supabase_migrations.schema_migrations as kept;
  end if;
  return jsonb_build_object(
    'at', clock_timestamp(), 'role', caller, 'applied', coalesce(applied, '[]'),
    'privileges', app.privileges(caller), 'matters', app.matters(p_question),
    'mandate_keys', app.mandate_keys(),
    'at_an_opening', app.accounts_at_an_opening((p_question ->> 'at_an_opening')::interval));
end $$;
comment on function public.health_report is
  'How database and service stand (HealthQuestion, HealthReport). Nothing personal.';

revoke all on all functions in schema app from public, anon, authenticated, service_role;
grant execute on function app.user_id() to authenticated;
revoke all on function public.health_report(jsonb) from public, anon, authenticated;
grant execute on function public.health_report(jsonb) to service_role;
