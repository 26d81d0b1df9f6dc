-- A mandate is signed. Its row says what a parent permitted; its token says the same under a key
-- that the database has not: whoever can write rows, but does not hold it, can permit nothing.

alter table public.mandates add column token text
  constraint mandates_token_check check (length(token) between 1 and 4096);
comment on column public.mandates.token is
  'The row''s terms, signed (JWS). Null where a release confirmed it that signed none: nothing is '
  'booked and nothing charged under it until it is signed afterwards.';

-- A parent reads their own permission, as before; the token is nobody's to read.
revoke select on public.mandates from authenticated;
grant select (
  id, user_id, registration_id, program_ref, event_id, child_ids, max_total_cents, currency,
  issued_at, valid_until, used_at, revoked_at
) on public.mandates to authenticated;

-- Workers of the release before this one may be at work for a while after the deploy step, and
-- what they confirm is as good as what they confirmed yesterday.
alter table public.service_state add column unsigned_mandates_until timestamptz not null
  default clock_timestamp() + interval '1 hour';
comment on column public.service_state.unsigned_mandates_until is
  'What was confirmed before this instant, without a signature, may be signed afterwards.';

create or replace function app.service_state(p_row public.service_state) returns jsonb
language sql immutable set search_path = '' as $$
  select to_jsonb(p_row) - 'only_row' - 'unsigned_mandates_until'
$$;

create or replace function app.keep_mandate_terms() returns trigger
language plpgsql set search_path = '' as $$
begin
  if (new.id, new.user_id, new.registration_id, new.program_ref, new.event_id, new.child_ids,
      new.max_total_cents, new.currency, new.issued_at)
    is distinct from
     (old.id, old.user_id, old.registration_id, old.program_ref, old.event_id, old.child_ids,
      old.max_total_cents, old.currency, old.issued_at)
    or (old.used_at is not null and new.used_at is distinct from old.used_at)
    or (old.revoked_at is not null and new.revoked_at is distinct from old.revoked_at)
    or (old.token is not null
      and (new.token is distinct from old.token) <> (new.valid_until <> old.valid_until))
  then
    perform app.reject('mandate_fixed', 'What a parent permitted cannot be changed.');
  end if;
  return new;
end $$;
comment on function app.keep_mandate_terms is
  'Trigger: a mandate''s terms never change, and its token only with its end; it is used once and '
  'revoked once.';

-- Dropped, because a function with more parameters would stand beside it. The release before this
-- one calls the new one without them.
drop function public.confirm_registration(uuid, int, timestamptz, text);
create function public.confirm_registration(
  p_registration_id uuid, p_expected_version int, p_mandate_valid_until timestamptz,
  p_operation_key text, p_mandate_id uuid default null, p_mandate_token text default null
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  kept constant public.scheduled_registrations := app.locked(p_registration_id);
  permission constant uuid := coalesce(p_mandate_id, gen_random_uuid());
  answer jsonb := app.first_answer(p_operation_key, 'confirm', p_registration_id);
begin
  if answer is not null then
    return answer;
  end if;
  perform app.expect(kept, array['draft'], p_expected_version);
  insert into public.mandates (
    id, user_id, registration_id, program_ref, event_id, child_ids, max_total_cents, currency,
    valid_until, token)
  values (
    permission, kept.user_id, kept.id, kept.program_ref, kept.event_id,
    array(select child_id from public.registration_children
      where registration_id = kept.id order by position),
    kept.max_total_cents, kept.currency, p_mandate_valid_until, p_mandate_token);
  begin
    update public.scheduled_registrations set
      status = 'pending', mandate_id = permission, confirmed_at = clock_timestamp(),
      version = version + 1
    where id = kept.id;
  exception when unique_violation then
    perform app.reject('already_registered',
      'One of the children is already registered for this event.');
  end;
  perform app.audit(kept.id, 'confirmed', jsonb_build_object(
      'mandate_id', permission, 'valid_until', app.instant_text(p_mandate_valid_until),
      'max_total_cents', kept.max_total_cents, 'success_fee_cents', kept.success_fee_cents,
      'currency', kept.currency, 'summary_digest', kept.summary_digest),
    p_operation_key);
  perform app.tell(kept.id, 'scheduled');
  return app.keep_answer(p_operation_key, 'confirm', kept.id, app.standing(kept.id));
exception
  -- Postgres would quote the row, and with it the token, in its complaint.
  when check_violation or not_null_violation then
    perform app.reject('invalid_mandate', 'The permission''s values were not accepted.');
end $$;
comment on function public.confirm_registration is
  'Draft to pending, with the mandate that covers it, under the given id and signed by the given '
  'token. PT404, PT409; PT422 already_registered, invalid_mandate.';

drop function public.reschedule_registration(jsonb);
create function public.reschedule_registration(
  p_order jsonb, p_mandate_valid_until timestamptz default null,
  p_mandate_token text default null
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  op constant text := p_order ->> 'operation_key';
  moved_to constant timestamptz := (p_order ->> 'scheduled_time')::timestamptz;
  kept constant public.scheduled_registrations :=
    app.locked((p_order ->> 'registration_id')::uuid);
  answer jsonb := app.first_answer(op, 'reschedule', kept.id);
begin
  if answer is not null then
    return answer;
  end if;
  perform app.expect(
    kept, array['pending', 'executing'], (p_order ->> 'expected_version')::int);
  perform app.expect_unsent(kept);
  update public.scheduled_registrations set
    status = 'pending', scheduled_time = moved_to, time_zone = p_order ->> 'time_zone',
    opening_source = 'parent', version = version + 1
  where id = kept.id;
  -- The permission lasts as long past the new opening as it did past the old one. Where it lasts
  -- as long as before, what was signed stays.
  update public.mandates set valid_until = moved.until, token = p_mandate_token
  from (
    select coalesce(p_mandate_valid_until, valid_until + (moved_to - kept.scheduled_time)) as until
    from public.mandates where registration_id = kept.id) as moved
  where registration_id = kept.id and valid_until <> moved.until;
  perform app.audit(kept.id, 'rescheduled', jsonb_build_object(
      'from', app.instant_text(kept.scheduled_time), 'to', app.instant_text(moved_to)), op);
  perform app.tell(kept.id, 'rescheduled');
  return app.keep_answer(op, 'reschedule', kept.id, app.standing(kept.id));
exception
  -- Postgres would quote the row, and with it the summary, in its complaint.
  when check_violation or not_null_violation or data_exception then
    perform app.reject('invalid_order', 'The new opening was not accepted.');
end $$;
comment on function public.reschedule_registration is
  'Pending, or executing with nothing sent, to pending at another time; the mandate then lasts '
  'until the given instant, signed by the given token. PT404, PT409; PT422 invalid_order.';

create or replace function public.revoke_mandate(
  p_registration_id uuid, p_operation_key text
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  kept constant public.scheduled_registrations := app.locked(p_registration_id);
  answer jsonb := app.first_answer(p_operation_key, 'revoke_mandate', p_registration_id);
begin
  if answer is not null then
    return answer;
  elsif kept.mandate_id is null then
    perform app.missing('permission');
  end if;
  if app.mandate(kept.id) ->> 'revoked_at' is null then
    if kept.status <> 'pending' then
      perform app.conflict(format('The registration is %s; its permission stands.', kept.status));
    end if;
    update public.mandates set revoked_at = clock_timestamp() where registration_id = kept.id;
    perform app.audit(kept.id, 'mandate_revoked',
      jsonb_build_object('mandate_id', kept.mandate_id), p_operation_key);
  end if;
  -- The answer is the parent's, and is kept: without the token.
  return app.keep_answer(
    p_operation_key, 'revoke_mandate', kept.id, app.mandate(kept.id) - 'token');
end $$;

-- What a release signed that did not sign yet.

create function app.mandate_in_use(p_row public.scheduled_registrations) returns boolean
language sql immutable set search_path = '' as $$
  select p_row.status in ('pending', 'executing', 'needs_review')
    or (p_row.status = 'completed' and p_row.fee_status in ('due', 'requires_action'))
$$;
comment on function app.mandate_in_use is
  'Whether something may still be booked or charged under the registration''s mandate.';

create function public.unsigned_mandates(p_limit int) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(jsonb_build_object(
      'registration_id', unsigned.id, 'code', unsigned.code, 'issued_at', unsigned.issued_at,
      'signable', unsigned.issued_at < state.unsigned_mandates_until)
    order by unsigned.scheduled_time, unsigned.id), '[]')
  from (
    select kept.id, kept.code, kept.scheduled_time, permission.issued_at
    from public.mandates as permission
    join public.scheduled_registrations as kept on kept.id = permission.registration_id
    where permission.token is null and app.mandate_in_use(kept)
    order by kept.scheduled_time, kept.id limit p_limit) as unsigned
  cross join public.service_state as state
$$;
comment on function public.unsigned_mandates is
  'Mandates in use without a token (UnsignedMandate), soonest opening first.';

create function public.sign_mandate(
  p_registration_id uuid, p_mandate_token text, p_by text, p_operation_key text
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  kept constant public.scheduled_registrations := app.locked(p_registration_id);
  answer jsonb := app.first_answer(p_operation_key, 'sign_mandate', p_registration_id);
  permission public.mandates;
begin
  if answer is not null then
    return answer;
  end if;
  select * into permission from public.mandates where registration_id = kept.id;
  if not found then
    perform app.missing('permission');
  elsif permission.token is not null then
    perform app.conflict('The permission is signed.');
  elsif not app.mandate_in_use(kept) then
    perform app.conflict(format('The registration is %s.', kept.status));
  elsif permission.issued_at >= (select unsigned_mandates_until from public.service_state) then
    perform app.reject('confirmed_later', 'It was confirmed since permissions are signed.');
  elsif coalesce(p_mandate_token, '') = '' or coalesce(p_by, '') = '' then
    perform app.reject('invalid_mandate', 'The permission''s values were not accepted.');
  end if;
  update public.mandates set token = p_mandate_token where registration_id = kept.id;
  perform app.audit(kept.id, 'mandate_signed',
    jsonb_build_object('mandate_id', permission.id, 'by', p_by), p_operation_key);
  return app.keep_answer(p_operation_key, 'sign_mandate', kept.id, app.standing(kept.id));
exception when check_violation then
  perform app.reject('invalid_mandate', 'The permission''s values were not accepted.');
end $$;
comment on function public.sign_mandate is
  'A token for a mandate that was confirmed before mandates were signed. PT404; PT409 once it is '
  'signed, or nothing is done under it any more; PT422 confirmed_later, invalid_mandate.';

alter table public.audit_events drop constraint audit_events_kind_check;
alter table public.audit_events add constraint audit_events_kind_check check (kind in (
  'drafted', 'confirmed', 'rescheduled', 'problem_found', 'claimed', 'attempt_opened',
  'attempt_closed', 'booked', 'fee_frozen', 'fee_settled', 'completed', 'failed', 'cancelled',
  'needs_review', 'mandate_revoked', 'mandate_signed', 'review_resolved', 'surplus_found',
  'booking_cancelled', 'refund_frozen', 'fee_refunded'));
alter table public.alerts drop constraint alerts_kind_check;
alter table public.alerts add constraint alerts_kind_check check (kind in (
  'several_bookings', 'ghost_booking', 'booking_gone', 'run_missing', 'review_waiting',
  'fee_unsettled', 'refund_failed', 'mandate_unsigned', 'charge_unexpected',
  'cancellation_open'));

revoke all on all functions in schema app from public, anon, authenticated, service_role;
grant execute on function app.user_id() to authenticated;
do $$
declare
  called text;
begin
  foreach called in array array[
    'confirm_registration', 'reschedule_registration', 'revoke_mandate', 'unsigned_mandates',
    'sign_mandate'
  ] loop
    execute format('revoke all on function public.%I from public, anon, authenticated', called);
    execute format('grant execute on function public.%I to service_role', called);
  end loop;
end $$;
