-- Who may do what. Rows are read directly by a signed-in user, their own only; there is no policy
-- for writing anywhere, because every write is a function.

create policy own_profile on public.user_profiles for select to authenticated
  using (user_id = (select app.user_id()));
create policy own_guardian on public.guardians for select to authenticated
  using (user_id = (select app.user_id()));
create policy own_children on public.children for select to authenticated
  using (user_id = (select app.user_id()));
create policy own_registrations on public.scheduled_registrations for select to authenticated
  using (user_id = (select app.user_id()));
create policy own_mandates on public.mandates for select to authenticated
  using (user_id = (select app.user_id()));
create policy own_receipts on public.registrations for select to authenticated
  using (user_id = (select app.user_id()));

-- These rows belong to whoever may read the registration they name: its own policy decides.
create policy own_registration on public.registration_children for select to authenticated
  using (registration_id in (select id from public.scheduled_registrations));
create policy own_registration on public.charges for select to authenticated
  using (registration_id in (select id from public.scheduled_registrations));
create policy own_registration on public.audit_events for select to authenticated
  using (registration_id in (select id from public.scheduled_registrations));
create policy own_registration on public.notifications for select to authenticated
  using (registration_id in (select id from public.scheduled_registrations));

-- The catalogue is for every signed-in user.
create policy everybody on public.programs for select to authenticated using (true);
create policy everybody on public.provider_accounts for select to authenticated using (true);

-- identities, operations and booking_attempts have no policy: nobody reads them directly.

-- Privileges, by name: nothing was granted so far. Taken back once more for a database whose
-- own defaults 20261101000100 could not reach.
revoke all on
  public.user_profiles, public.identities, public.guardians, public.children,
  public.provider_accounts, public.programs, public.scheduled_registrations,
  public.registration_children, public.mandates, public.booking_attempts, public.charges,
  public.registrations, public.audit_events, public.operations, public.notifications
from public, anon, authenticated, service_role;
revoke all on all functions in schema app from public, anon, authenticated, service_role;

-- A signed-in user's own rows (policies), without the payment service's ids and our keys.
grant select (
  user_id, card_brand, card_last4, card_exp_month, card_exp_year, subscription_tier, created_at
) on public.user_profiles to authenticated;
grant select on public.guardians to authenticated;
grant select on public.children to authenticated;
grant select on public.scheduled_registrations to authenticated;
grant select on public.registration_children to authenticated;
grant select on public.mandates to authenticated;
grant select on public.registrations to authenticated;
grant select (
  registration_id, number, amount_cents, currency, first_sent_at, status, decline_code, settled_at
) on public.charges to authenticated;
grant select on public.audit_events to authenticated;
grant select on public.notifications to authenticated;
grant select on public.programs to authenticated;
grant select (provider, org_ref, name, updated_at) on public.provider_accounts to authenticated;

-- Policies run as whoever asks, so the one function they call must be theirs to call.
grant usage on schema app to authenticated;
grant execute on function app.user_id() to authenticated;

-- The service role has no table at all: these functions are everything it can do.
do $$
declare
  called text;
begin
  foreach called in array array[
    'user_for', 'get_profile', 'save_guardian', 'list_children', 'add_child', 'save_customer',
    'save_card_setup', 'save_card', 'save_provider_account', 'save_program', 'find_programs',
    'get_program', 'draft_registration', 'get_registration', 'list_registrations',
    'list_all_registrations', 'get_registration_by_code', 'get_dossier', 'confirm_registration',
    'reschedule_registration', 'cancel_registration', 'claim_registration', 'note_problems',
    'record_outcome', 'settle_fee', 'revoke_mandate', 'list_receipts', 'list_all_receipts',
    'open_attempt', 'close_attempt', 'open_charge', 'audit_trail', 'verify_audit',
    'unsent_notifications', 'mark_notification_sent', 'ping'
  ] loop
    execute format('revoke all on function public.%I from public, anon, authenticated', called);
    execute format('grant execute on function public.%I to service_role', called);
  end loop;
end $$;
