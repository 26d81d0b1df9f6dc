-- ProgramRecords: what can be booked, kept by the operator and searched by parents.

create function public.save_provider_account(p_account jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.provider_accounts (provider, org_ref, name, credentials_ref)
  values (
    p_account ->> 'provider', p_account ->> 'org_ref', p_account ->> 'name',
    p_account ->> 'credentials_ref')
  on conflict (provider, org_ref) do update set
    name = excluded.name, credentials_ref = excluded.credentials_ref,
    updated_at = clock_timestamp();
  return null;
end $$;
comment on function public.save_provider_account is
  'Create or change the account of that provider and organisation.';

create function public.save_program(p_program jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  given constant public.programs := jsonb_populate_record(null::public.programs, p_program);
  kept public.programs;
begin
  if not exists (
    select from public.provider_accounts
    where provider = given.provider and org_ref = given.org_ref
  ) then
    perform app.reject('unknown_account', 'Save the organisation''s account first.');
  end if;
  insert into public.programs (
    id, provider, org_ref, program_ref, event_id, name, starts_at, ends_at, time_zone, opens_at,
    opening_source, price_cents, currency, people_category)
  values (
    given.id, given.provider, given.org_ref, given.program_ref, given.event_id, given.name,
    given.starts_at, given.ends_at, given.time_zone, given.opens_at, given.opening_source,
    given.price_cents, given.currency, given.people_category)
  -- The id first given stays: drafts point at it.
  on conflict on constraint programs_event do update set
    name = excluded.name, starts_at = excluded.starts_at, ends_at = excluded.ends_at,
    time_zone = excluded.time_zone, opens_at = excluded.opens_at,
    opening_source = excluded.opening_source, price_cents = excluded.price_cents,
    currency = excluded.currency, people_category = excluded.people_category,
    updated_at = clock_timestamp()
  returning * into kept;
  return app.program(kept);
end $$;
comment on function public.save_program is
  'Create or change the program of that provider, organisation, reference and event; the first '
  'id stays. PT422 unknown_account.';

create function public.find_programs(p_text text, p_org_ref text, p_limit int) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(
    jsonb_agg(app.found_program(found.*::public.programs)
      order by found.opens_at nulls last, found.starts_at, found.id), '[]')
  from (
    select * from public.programs
    where starts_at > now()
      and (p_org_ref is null or org_ref = p_org_ref)
      -- No pattern match: a parent's percent sign is a percent sign.
      and (p_text is null or strpos(lower(name), lower(p_text)) > 0)
    order by opens_at nulls last, starts_at, id
    limit greatest(p_limit, 0)
  ) as found
$$;
comment on function public.find_programs is
  'Programs that have not begun, soonest opening first; the text is searched in their names.';

create function public.get_program(p_org_ref text, p_program_ref text, p_event_id text)
returns jsonb
language sql stable security definer set search_path = '' as $$
  select app.found_program(program) from public.programs as program
  where (org_ref, program_ref, event_id) = (p_org_ref, p_program_ref, p_event_id)
  order by provider limit 1
$$;
comment on function public.get_program is 'The program of that event, or null.';
