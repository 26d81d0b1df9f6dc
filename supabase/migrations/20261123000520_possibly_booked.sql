-- After a restore: what may have been booked or charged since the backup is looked for first.

alter table public.booking_attempts add column restored_from timestamptz;
comment on column public.booking_attempts.restored_from is
  'Set where nobody here opened it: a service that was lost may have sent since that backup.';
create unique index booking_attempts_one_per_restore
  on public.booking_attempts (registration_id, restored_from) where restored_from is not null;

create function app.claim_to_look(p_row public.scheduled_registrations) returns void
language plpgsql set search_path = '' as $$
declare
  op constant text := format('registration-%s/claim/%s', p_row.id, p_row.version);
  given constant timestamptz := greatest(p_row.scheduled_time, clock_timestamp());
  account public.provider_accounts;
  rank int;
  together int;
begin
  account := app.locked_account(p_row.provider, p_row.org_ref);
  rank := app.queue_rank(p_row);
  select count(*) into together from public.scheduled_registrations as other
  where other.status in ('pending', 'executing')
    and other.provider = p_row.provider and other.org_ref = p_row.org_ref
    and other.scheduled_time = p_row.scheduled_time;
  -- Without a send time of its own: it is looked for, mostly never sent, and takes no turn in the
  -- account's queue from those that are.
  update public.scheduled_registrations set
    status = 'executing', queue_rank = rank, release_asked_at = null, version = version + 1
  where id = p_row.id;
  perform app.audit(p_row.id, 'claimed',
    jsonb_build_object('send_at', app.instant_text(given), 'rank', rank), op);
  -- The run's own key: one that asks for its claim later gets this one.
  perform app.keep_answer(op, 'claim', p_row.id, jsonb_build_object(
    'standing', app.standing(p_row.id), 'send_at', given, 'rank', rank, 'sharing', together,
    'pause_reckoned', account.paused_until));
end $$;
comment on function app.claim_to_look is
  'Pending to executing, so that it is looked for at the provider however late it is.';

create function public.mark_possibly_booked(p_registration_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  kept public.scheduled_registrations := app.locked(p_registration_id);
  state public.service_state;
  opened public.booking_attempts;
  unclosed int;
  op text;
begin
  select * into state from public.service_state;
  if state.restored_at is null or state.reconciled_at is not null then
    perform app.conflict('No restore waits to be reconciled.');
  elsif exists (
    select from public.booking_attempts
    where registration_id = kept.id and restored_from = state.backup_taken_at)
  then
    return app.standing(kept.id);
  elsif kept.status not in ('draft', 'pending', 'executing') then
    perform app.conflict(format('The registration is %s; it has ended.', kept.status));
  end if;
  perform set_config('app.reconciling', 'on', true);
  if kept.status = 'pending' then
    perform app.claim_to_look(kept);
  end if;
  op := format(
    'registration-%s/restored/1/%s', kept.id, app.instant_text(state.backup_taken_at));
  select count(*) into unclosed from public.booking_attempts
  where registration_id = kept.id and closed_at is null;
  insert into public.booking_attempts (
    registration_id, fence, send_at, opened_at, operation_key, evidence, restored_from)
  select kept.id, coalesce(max(fence), 0) + 1, least(kept.scheduled_time, state.restored_at),
    least(state.backup_taken_at, kept.scheduled_time), op,
    'may have been sent between a backup and its restore', state.backup_taken_at
  from public.booking_attempts where registration_id = kept.id
  returning * into opened;
  perform app.audit(kept.id, 'attempt_opened', jsonb_build_object(
      'fence', opened.fence, 'send_at', app.instant_text(opened.send_at), 'unclosed', unclosed,
      'restored_from', app.instant_text(state.backup_taken_at)), op);
  perform set_config('app.reconciling', '', true);
  return app.standing(kept.id);
end $$;
comment on function public.mark_possibly_booked is
  'Opens a marker that forces a look-up before any send; a pending registration is claimed with '
  'it. Once a restore: a repeat changes nothing. PT404; PT409 when it has ended, or no restore '
  'waits.';

alter table public.charges add column may_exist_since timestamptz;
comment on column public.charges.may_exist_since is
  'A service that was lost may have made this very charge since then: it is looked for first.';

create function app.note_lost_charges() returns trigger
language plpgsql set search_path = '' as $$
begin
  select state.backup_taken_at into new.may_exist_since
  from public.service_state as state
  where state.restored_at is not null and (
    exists (
      select from public.booking_attempts as marker
      where marker.registration_id = new.registration_id
        and marker.restored_from = state.backup_taken_at)
    or exists (
      select from public.registrations as receipt
      where receipt.scheduled_registration_id = new.registration_id
        and receipt.issued_at < state.restored_at));
  return new;
end $$;
comment on function app.note_lost_charges is
  'Trigger: a charge of what was, or may have been, booked before a restore is looked for first.';
create trigger charges_note_lost before insert on public.charges
  for each row execute function app.note_lost_charges();

create or replace function app.charge(p_charge public.charges) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'registration_id', p_charge.registration_id, 'number', p_charge.number,
    'idempotency_key', p_charge.idempotency_key,
    'amount', jsonb_build_object(
      'amount_cents', p_charge.amount_cents, 'currency', p_charge.currency),
    'customer_id', p_charge.stripe_customer_id,
    'payment_method_id', p_charge.payment_method_id, 'first_sent_at', p_charge.first_sent_at,
    'may_exist_since', p_charge.may_exist_since)
$$;

create function public.provider_accounts() returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(app.account(kept) order by kept.provider, kept.org_ref), '[]')
  from public.provider_accounts as kept
$$;
comment on function public.provider_accounts is 'Every account that can be booked at.';

revoke all on all functions in schema app from public, anon, authenticated, service_role;
grant execute on function app.user_id() to authenticated;
do $$
declare
  called text;
begin
  foreach called in array array['mark_possibly_booked', 'provider_accounts'] loop
    execute format('revoke all on function public.%I from public, anon, authenticated', called);
    execute format('grant execute on function public.%I to service_role', called);
  end loop;
end $$;
