-- The programs may seal what says who somebody is, with keys that the database has not
-- (FIELD_KEYS). A sealed text names its key; nothing else of it can be read here. So whatever
-- depends on the content, but for its length and its dates, is the programs' affair from now on.

create function app.field_key(p_text text) returns text
language sql immutable parallel safe set search_path = '' as $$
  select substring(
    p_text from '^sealed:1:([A-Za-z0-9][A-Za-z0-9._-]{0,39}):[A-Za-z0-9_-]{38,}$')
$$;
comment on function app.field_key is
  'The name of the key that a text is sealed with; null for one in the clear.';

create function app.is_sealed(p_text text) returns boolean
language sql immutable parallel safe set search_path = '' as $$
  select app.field_key(p_text) is not null
$$;
comment on function app.is_sealed is 'Whether a text is sealed, as far as it says so itself.';

create function app.fits(p_text text, p_least int, p_most int) returns boolean
language sql immutable parallel safe set search_path = '' as $$
  -- Four bytes a character at most, a third more in base64, and what stands around it.
  select length(p_text) between p_least and p_most
    or (app.is_sealed(p_text) and length(p_text) <= 100 + 6 * p_most)
$$;
comment on function app.fits is
  'Whether a text has so many characters; of a sealed one, whether it cannot have many more.';

create function app.is_kept_date(p_text text) returns boolean
language sql immutable parallel safe set search_path = '' as $$
  select p_text ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$'
    or (app.is_sealed(p_text) and length(p_text) <= 200)
$$;
comment on function app.is_kept_date is 'Whether a text is a date as YYYY-MM-DD, or sealed.';

create function app.kept_date(p_text text) returns text
language sql stable set search_path = '' as $$
  select case when app.is_sealed(p_text) then p_text else to_char(p_text::date, 'YYYY-MM-DD') end
$$;
comment on function app.kept_date is
  'A date as it is kept; refuses what is neither a date nor sealed.';

alter table public.guardians
  drop constraint guardians_first_name_check,
  drop constraint guardians_last_name_check,
  drop constraint guardians_email_check,
  drop constraint guardians_phone_check,
  alter column birth_date type text using to_char(birth_date, 'YYYY-MM-DD'),
  add constraint guardians_first_name_check check (app.fits(first_name, 1, 80)),
  add constraint guardians_last_name_check check (app.fits(last_name, 1, 80)),
  add constraint guardians_email_check check (app.fits(email, 3, 320)),
  add constraint guardians_phone_check check (app.fits(phone, 6, 25)),
  add constraint guardians_birth_date_check check (app.is_kept_date(birth_date));

-- That a child is described twice only its parent's program can see: no two sealed texts are
-- alike. `add_child` lets it compare first.
alter table public.children
  drop constraint children_once,
  drop constraint children_first_name_check,
  drop constraint children_last_name_check,
  alter column birth_date type text using to_char(birth_date, 'YYYY-MM-DD'),
  add constraint children_first_name_check check (app.fits(first_name, 1, 80)),
  add constraint children_last_name_check check (app.fits(last_name, 1, 80)),
  add constraint children_birth_date_check check (app.is_kept_date(birth_date));
create index children_user on public.children (user_id);

-- The words that a parent agreed to name the children.
alter table public.scheduled_registrations
  drop constraint scheduled_registrations_summary_check,
  add constraint scheduled_registrations_summary_check check (app.fits(summary, 1, 10000));

create or replace function public.save_guardian(p_user_id uuid, p_guardian jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  perform app.profile(p_user_id);
  insert into public.guardians (user_id, first_name, last_name, email, phone, birth_date)
  values (
    p_user_id, p_guardian ->> 'first_name', p_guardian ->> 'last_name', p_guardian ->> 'email',
    p_guardian ->> 'phone', app.kept_date(p_guardian ->> 'birth_date'))
  on conflict (user_id) do update set
    first_name = excluded.first_name, last_name = excluded.last_name, email = excluded.email,
    phone = excluded.phone, birth_date = excluded.birth_date, updated_at = clock_timestamp();
  return app.profile(p_user_id);
exception
  -- Postgres would quote the person's own words in its complaint.
  when check_violation or not_null_violation or data_exception then
    perform app.reject('invalid_guardian', 'The guardian''s details were not accepted.');
end $$;

drop function public.add_child(uuid, jsonb);
create function public.add_child(
  p_user_id uuid, p_child jsonb, p_known uuid[] default null
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  kept public.children;
begin
  -- One after the other, so that nobody comes between what a caller saw and what it adds.
  perform from public.user_profiles where user_id = p_user_id for no key update;
  if not found then
    perform app.missing('user');
  elsif exists (
    select from public.children where user_id = p_user_id and id <> all (p_known))
  then
    perform app.conflict('Another child was added meanwhile.');
  end if;
  insert into public.children (id, user_id, first_name, last_name, birth_date)
  values (
    coalesce((p_child ->> 'id')::uuid, gen_random_uuid()), p_user_id, p_child ->> 'first_name',
    p_child ->> 'last_name', app.kept_date(p_child ->> 'birth_date'))
  returning * into kept;
  return app.child(kept);
exception
  -- Postgres would quote the child's name in its complaint.
  when check_violation or not_null_violation or data_exception then
    perform app.reject('invalid_child', 'The child''s details were not accepted.');
end $$;
comment on function public.add_child is
  'Add a child under the id that the caller drew, to whom it sealed the fields. PT409 where the '
  'user has one that is not among those known; a release before this names none. PT422 '
  'invalid_child.';

-- As before, but for the id: the caller draws it, because it seals the summary to it.
create or replace function public.draft_registration(p_draft jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  asker constant uuid := (p_draft ->> 'user_id')::uuid;
  named constant uuid[] := array(
    select value::uuid from jsonb_array_elements_text(p_draft -> 'child_ids'));
  chosen public.programs;
  kept public.scheduled_registrations;
begin
  perform app.profile(asker);
  select * into chosen from public.programs where id = (p_draft ->> 'program_id')::uuid;
  if not found then
    perform app.missing('program');
  elsif cardinality(named) = 0 then
    perform app.reject('no_children', 'A registration needs at least one child.');
  elsif cardinality(named) > (select count(distinct child) from unnest(named) as child) then
    perform app.reject('child_twice', 'A child is named twice.');
  elsif cardinality(named) > (
    select count(*) from public.children where id = any (named) and user_id = asker)
  then
    perform app.reject('not_your_child', 'One of the children is not in this account.');
  end if;
  while kept.id is null loop
    insert into public.scheduled_registrations (
      id, code, user_id, program_id, provider, org_ref, program_ref, event_id, scheduled_time,
      time_zone, opening_source, max_total_cents, success_fee_cents, currency, summary,
      summary_digest, lapses_at)
    values (
      coalesce((p_draft ->> 'id')::uuid, gen_random_uuid()), app.new_code('SCH-'), asker,
      chosen.id, chosen.provider, chosen.org_ref, chosen.program_ref, chosen.event_id,
      (p_draft ->> 'scheduled_time')::timestamptz,
      p_draft ->> 'time_zone', p_draft ->> 'opening_source',
      (p_draft ->> 'max_total_cents')::int, (p_draft ->> 'success_fee_cents')::int,
      chosen.currency, p_draft ->> 'summary', p_draft ->> 'summary_digest',
      (p_draft ->> 'lapses_at')::timestamptz)
    on conflict (code) do nothing
    returning * into kept;
  end loop;
  insert into public.registration_children (
    registration_id, child_id, position, provider, org_ref, program_ref, event_id)
  select kept.id, child, place, kept.provider, kept.org_ref, kept.program_ref, kept.event_id
  from unnest(named) with ordinality as list (child, place);
  perform app.audit(kept.id, 'drafted', jsonb_build_object(
      'program_id', kept.program_id, 'child_ids', to_jsonb(named),
      'scheduled_time', app.instant_text(kept.scheduled_time),
      'max_total_cents', kept.max_total_cents, 'success_fee_cents', kept.success_fee_cents,
      'currency', kept.currency, 'summary_digest', kept.summary_digest),
    format('registration-%s/draft/1', kept.id));
  select * into kept from public.scheduled_registrations where id = kept.id;
  return app.registration(kept);
exception
  -- Postgres would quote the summary, and with it the children's names, in its complaint.
  when check_violation or not_null_violation or data_exception then
    perform app.reject('invalid_draft', 'The draft''s values were not accepted.');
end $$;

revoke all on all functions in schema app from public, anon, authenticated, service_role;
grant execute on function app.user_id() to authenticated;
revoke all on function public.add_child(uuid, jsonb, uuid[]) from public, anon, authenticated;
grant execute on function public.add_child(uuid, jsonb, uuid[])
  to service_role, signupassist_web;
