-- What a step reads of a registration that has no need to know who somebody is: charging, giving
-- back, looking again. Most steps are such.

create function app.agreement(p_registration_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  answer jsonb;
begin
  select jsonb_build_object(
    'registration', app.registration(kept),
    'program', app.program(program),
    'account', app.account(account),
    'child_ids', (
      select coalesce(jsonb_agg(named.child_id order by named.position), '[]')
      from public.registration_children as named where named.registration_id = kept.id),
    'stripe_customer_id', known.stripe_customer_id,
    'card', app.card(known),
    'mandate', app.mandate(kept.id),
    'rivals', app.rivals(kept.id))
  into answer
  from public.scheduled_registrations as kept
  join public.programs as program on program.id = kept.program_id
  join public.provider_accounts as account
    on (account.provider, account.org_ref) = (kept.provider, kept.org_ref)
  join public.user_profiles as known on known.user_id = kept.user_id
  where kept.id = p_registration_id;
  if answer is null then
    perform app.missing('registration');
  end if;
  return answer;
end $$;
comment on function app.agreement is
  'Shape of Agreement: everything but the people. Refuses an unknown registration.';

create or replace function app.dossier(p_registration_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  answer constant jsonb := app.agreement(p_registration_id);
begin
  return answer || jsonb_build_object(
    'guardian', app.guardian((answer -> 'registration' ->> 'user_id')::uuid),
    'children', (
      select coalesce(jsonb_agg(app.child(child) order by named.position), '[]')
      from public.registration_children as named
      join public.children as child on child.id = named.child_id
      where named.registration_id = p_registration_id));
end $$;
comment on function app.dossier is
  'Shape of Dossier: an Agreement with its people. Refuses an unknown registration.';

create function public.get_agreement(p_registration_id uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select app.agreement(p_registration_id)
$$;
comment on function public.get_agreement is
  'The registration with all that surrounds it but the people. PT404 when there is none.';

revoke all on all functions in schema app from public, anon, authenticated, service_role;
grant execute on function app.user_id() to authenticated;
revoke all on function public.get_agreement(uuid) from public, anon, authenticated;
grant execute on function public.get_agreement(uuid)
  to service_role, signupassist_web, signupassist_worker;
