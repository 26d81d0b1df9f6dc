-- How a parent reads dates and amounts. Nothing of who they are, so nothing of it is sealed.

alter table public.user_profiles
  add column locale text not null default 'en_US'
    check (locale ~ '^[a-z]{2,3}(_[A-Z][a-z]{3})?(_[A-Z]{2})?$'),
  add column time_zone text check (length(time_zone) between 1 and 100);
comment on column public.user_profiles.time_zone is
  'Where the parent lives, as an IANA name; null while nobody has said so.';

grant select (locale, time_zone) on public.user_profiles to authenticated;

create function app.reader(p_row public.user_profiles) returns jsonb
language sql immutable set search_path = '' as $$
  select jsonb_build_object('locale', p_row.locale, 'time_zone', p_row.time_zone)
$$;
comment on function app.reader is 'Shape of Reader.';

create or replace function app.profile(p_user_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  answer jsonb;
begin
  select jsonb_build_object(
    'user_id', known.user_id,
    'guardian', app.guardian(known.user_id),
    'stripe_customer_id', known.stripe_customer_id,
    'setup_session_id', known.setup_session_id,
    'card', app.card(known),
    'reader', app.reader(known))
  into answer
  from public.user_profiles as known where known.user_id = p_user_id;
  if answer is null then
    perform app.missing('user');
  end if;
  return answer;
end $$;

create or replace function app.dossier(p_registration_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  answer constant jsonb := app.agreement(p_registration_id);
begin
  return answer || jsonb_build_object(
    'guardian', app.guardian((answer -> 'registration' ->> 'user_id')::uuid),
    'reader', (
      select app.reader(known) from public.user_profiles as known
      where known.user_id = (answer -> 'registration' ->> 'user_id')::uuid),
    'children', (
      select coalesce(jsonb_agg(app.child(child) order by named.position), '[]')
      from public.registration_children as named
      join public.children as child on child.id = named.child_id
      where named.registration_id = p_registration_id));
end $$;

create function public.save_reader(p_user_id uuid, p_reader jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  update public.user_profiles
  set locale = p_reader ->> 'locale', time_zone = p_reader ->> 'time_zone'
  where user_id = p_user_id;
  return app.profile(p_user_id);
exception
  when check_violation or not_null_violation then
    perform app.reject('invalid_reader', 'The language or time zone was not accepted.');
end $$;
comment on function public.save_reader is
  'How that parent reads dates and amounts (Reader); the Profile. PT404 user. PT422 invalid_reader.';

create function app.forget_reader() returns trigger
language plpgsql set search_path = '' as $$
begin
  update public.user_profiles set locale = default, time_zone = default
  where user_id = old.user_id;
  return null;
end $$;
comment on function app.forget_reader is
  'Trigger: with who a parent is goes where they live and how they read.';
create trigger guardians_reader after delete on public.guardians
  for each row execute function app.forget_reader();

revoke all on function app.reader(public.user_profiles), app.forget_reader()
from public, anon, authenticated, service_role;
revoke all on function public.save_reader(uuid, jsonb) from public, anon, authenticated;
grant execute on function public.save_reader(uuid, jsonb) to service_role, signupassist_web;
