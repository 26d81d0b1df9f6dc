-- Which keys what is kept is sealed with, changing them, and demanding that there be one.

-- The one place that lists what is, or may be, sealed of each table.
create function app.fields(p_row public.guardians) returns jsonb
language sql immutable parallel safe set search_path = '' as $$
  select jsonb_build_object(
    'first_name', p_row.first_name, 'last_name', p_row.last_name, 'email', p_row.email,
    'phone', p_row.phone, 'birth_date', p_row.birth_date)
$$;
create function app.fields(p_row public.children) returns jsonb
language sql immutable parallel safe set search_path = '' as $$
  select jsonb_build_object(
    'first_name', p_row.first_name, 'last_name', p_row.last_name,
    'birth_date', p_row.birth_date)
$$;
create function app.fields(p_row public.scheduled_registrations) returns jsonb
language sql immutable parallel safe set search_path = '' as $$
  select jsonb_build_object('summary', p_row.summary)
$$;
comment on function app.fields(public.guardians) is 'The fields of a guardian, by name.';
comment on function app.fields(public.children) is 'The fields of a child, by name.';
comment on function app.fields(public.scheduled_registrations) is
  'The words that a parent agreed to, which name the children.';

create function app.kept_fields()
returns table (kept_in text, field text, row_id uuid, owner uuid, kept text)
language sql stable set search_path = '' as $$
  select 'guardians', one.key, person.user_id, person.user_id, one.value
  from public.guardians as person cross join jsonb_each_text(app.fields(person)) as one
  union all
  select 'children', one.key, child.id, child.user_id, one.value
  from public.children as child cross join jsonb_each_text(app.fields(child)) as one
  union all
  select 'scheduled_registrations', one.key, drafted.id, drafted.user_id, one.value
  from public.scheduled_registrations as drafted
  cross join jsonb_each_text(app.fields(drafted)) as one
$$;
comment on function app.kept_fields is 'Each field that is, or may be, sealed.';

alter table public.service_state add column fields_sealed_since timestamptz;
comment on column public.service_state.fields_sealed_since is
  'Since when no field is taken in the clear; null while it is.';
alter table public.service_events drop constraint service_events_kind_check;
alter table public.service_events add constraint service_events_kind_check check (kind in (
  'paused', 'resumed', 'restored', 'reconciled', 'fields_sealed', 'fields_opened'));

create function app.refuse_clear_fields() returns trigger
language plpgsql set search_path = '' as $$
declare
  fresh constant jsonb := to_jsonb(new);
begin
  -- Shared: who switches the demand on waits for all who are writing, and they for it.
  perform pg_advisory_xact_lock_shared(hashtextextended('fields_sealed', 0));
  if (select fields_sealed_since is not null from public.service_state) and exists (
    select from unnest(tg_argv) as field where not app.is_sealed(fresh ->> field))
  then
    perform app.reject('clear_field', 'Fields are taken sealed only.');
  end if;
  return new;
end $$;
comment on function app.refuse_clear_fields is
  'Trigger: where sealed fields are demanded, refuses one in the clear among those named.';

create trigger guardians_sealed
  before insert or update of first_name, last_name, email, phone, birth_date on public.guardians
  for each row execute function app.refuse_clear_fields(
    'first_name', 'last_name', 'email', 'phone', 'birth_date');
create trigger children_sealed
  before insert or update of first_name, last_name, birth_date on public.children
  for each row execute function app.refuse_clear_fields('first_name', 'last_name', 'birth_date');
create trigger registrations_sealed
  before insert or update of summary on public.scheduled_registrations
  for each row execute function app.refuse_clear_fields('summary');

create function public.field_keys() returns jsonb
language sql stable security definer set search_path = '' as $$
  with used as (
    select app.field_key(kept) as key, count(*) as fields,
      -- One of each key, to see whether a program has that very key. None in the clear.
      min(concat_ws(' ', kept_in, field, row_id, owner, kept))
        filter (where app.is_sealed(kept)) as sample
    from app.kept_fields() group by 1
  )
  select jsonb_build_object(
    'demanded_since', (select fields_sealed_since from public.service_state),
    'uses', (
      select coalesce(jsonb_agg(jsonb_build_object(
          'key', key, 'fields', fields,
          'sample', case when sample is not null then jsonb_build_object(
            'table', split_part(sample, ' ', 1), 'column', split_part(sample, ' ', 2),
            'row_id', split_part(sample, ' ', 3), 'owner', split_part(sample, ' ', 4),
            'text', split_part(sample, ' ', 5)) end)
        order by key nulls first), '[]')
      from used))
$$;
comment on function public.field_keys is
  'How many fields each key seals, and how many none does (FieldKeys).';

create function public.fields_to_reseal(
  p_table text, p_after uuid, p_key text, p_limit int
) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  answer jsonb;
begin
  if p_table not in ('guardians', 'children', 'scheduled_registrations') then
    perform app.reject('no_fields', 'That table has no fields to seal.');
  end if;
  execute format($query$
    select coalesce(jsonb_agg(to_jsonb(page) order by page.row_id), '[]')
    from (
      select kept.%1$I as row_id, kept.user_id as owner, app.fields(kept) as fields
      from public.%2$I as kept
      where kept.%1$I > $1 and exists (
        select from jsonb_each_text(app.fields(kept)) as one
        where app.field_key(one.value) is distinct from $2)
      order by kept.%1$I limit $3
    ) as page
  $query$, case p_table when 'guardians' then 'user_id' else 'id' end, p_table)
  into answer using p_after, p_key, p_limit;
  return answer;
end $$;
comment on function public.fields_to_reseal is
  'Rows after that id with a field that another key seals, or none (KeptRow); with a null key, '
  'that any key seals. PT422 no_fields.';

create function public.reseal_fields(p_table text, p_page jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  ids constant uuid[] := array(
    select (sent ->> 'row_id')::uuid from jsonb_array_elements(p_page -> 'rows') as sent);
  free uuid[];
  changed int := 0;
begin
  -- What somebody holds at this moment is left for the next pass: nobody is ever waited for.
  case p_table
    when 'guardians' then
      free := array(select user_id from public.guardians where user_id = any (ids)
        order by user_id for no key update skip locked);
      update public.guardians as kept set
        first_name = coalesce(sent -> 'after' ->> 'first_name', kept.first_name),
        last_name = coalesce(sent -> 'after' ->> 'last_name', kept.last_name),
        email = coalesce(sent -> 'after' ->> 'email', kept.email),
        phone = coalesce(sent -> 'after' ->> 'phone', kept.phone),
        birth_date = coalesce(sent -> 'after' ->> 'birth_date', kept.birth_date)
      from jsonb_array_elements(p_page -> 'rows') as sent
      where kept.user_id = (sent ->> 'row_id')::uuid and kept.user_id = any (free)
        and app.fields(kept) @> (sent -> 'before');
    when 'children' then
      free := array(select id from public.children where id = any (ids)
        order by id for no key update skip locked);
      update public.children as kept set
        first_name = coalesce(sent -> 'after' ->> 'first_name', kept.first_name),
        last_name = coalesce(sent -> 'after' ->> 'last_name', kept.last_name),
        birth_date = coalesce(sent -> 'after' ->> 'birth_date', kept.birth_date)
      from jsonb_array_elements(p_page -> 'rows') as sent
      where kept.id = (sent ->> 'row_id')::uuid and kept.id = any (free)
        and app.fields(kept) @> (sent -> 'before');
    when 'scheduled_registrations' then
      free := array(select id from public.scheduled_registrations where id = any (ids)
        order by id for no key update skip locked);
      update public.scheduled_registrations as kept set
        summary = coalesce(sent -> 'after' ->> 'summary', kept.summary)
      from jsonb_array_elements(p_page -> 'rows') as sent
      where kept.id = (sent ->> 'row_id')::uuid and kept.id = any (free)
        and app.fields(kept) @> (sent -> 'before');
    else
      perform app.reject('no_fields', 'That table has no fields to seal.');
  end case;
  get diagnostics changed = row_count;
  return to_jsonb(changed);
exception
  -- Postgres would quote the row in its complaint.
  when check_violation or not_null_violation or data_exception then
    perform app.reject('invalid_fields', 'The fields were not accepted.');
end $$;
comment on function public.reseal_fields is
  'Puts `after` in the place of `before` in each of those rows (ResealedRow) that still has it and '
  'that nobody holds; how many that were. PT422 no_fields, clear_field, invalid_fields.';

create function public.demand_sealed_fields(p_demanded boolean) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('fields_sealed', 0));
  if p_demanded and exists (
    select from app.kept_fields() as one where not app.is_sealed(one.kept))
  then
    perform app.reject('clear_fields_left', 'Some fields are in the clear still.');
  end if;
  update public.service_state
  set fields_sealed_since = case when p_demanded then clock_timestamp() end
  where (fields_sealed_since is not null) <> p_demanded;
  if found then
    insert into public.service_events (kind)
    values (case when p_demanded then 'fields_sealed' else 'fields_opened' end);
  end if;
  return null;
end $$;
comment on function public.demand_sealed_fields is
  'From now on no field is taken in the clear, or again is. PT422 clear_fields_left.';

revoke all on all functions in schema app from public, anon, authenticated, service_role;
grant execute on function app.user_id() to authenticated;
do $$
declare
  called text;
begin
  foreach called in array array[
    'field_keys', 'fields_to_reseal', 'reseal_fields', 'demand_sealed_fields'
  ] loop
    execute format('revoke all on function public.%I from public, anon, authenticated', called);
    execute format('grant execute on function public.%I to service_role', called);
  end loop;
end $$;
-- Each program's doctor asks under that program's key.
grant execute on function public.field_keys() to signupassist_web, signupassist_worker;
