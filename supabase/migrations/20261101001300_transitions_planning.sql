-- What a parent decides: draft, confirm, reschedule, cancel, and withdrawing the permission.
-- Each locks the row, looks whether it already answered, compares, sets, audits and tells.

create function public.draft_registration(p_draft jsonb) returns jsonb
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
      code, user_id, program_id, provider, org_ref, program_ref, event_id, scheduled_time,
      time_zone, opening_source, max_total_cents, success_fee_cents, currency, summary,
      summary_digest, lapses_at)
    values (
      app.new_code('SCH-'), asker, chosen.id, chosen.provider, chosen.org_ref,
      chosen.program_ref, chosen.event_id, (p_draft ->> 'scheduled_time')::timestamptz,
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
comment on function public.draft_registration is
  'A new draft, its facts copied from the program. PT404; PT422 no_children, child_twice, '
  'not_your_child, invalid_draft.';

create function public.confirm_registration(
  p_registration_id uuid, p_expected_version int, p_mandate_valid_until timestamptz,
  p_operation_key text
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  kept constant public.scheduled_registrations := app.locked(p_registration_id);
  answer jsonb := app.first_answer(p_operation_key, 'confirm', p_registration_id);
  permission uuid;
begin
  if answer is not null then
    return answer;
  end if;
  perform app.expect(kept, array['draft'], p_expected_version);
  insert into public.mandates (
    user_id, registration_id, program_ref, event_id, child_ids, max_total_cents, currency,
    valid_until)
  values (
    kept.user_id, kept.id, kept.program_ref, kept.event_id,
    array(select child_id from public.registration_children
      where registration_id = kept.id order by position),
    kept.max_total_cents, kept.currency, p_mandate_valid_until)
  returning id into permission;
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
end $$;
comment on function public.confirm_registration is
  'Draft to pending, with the mandate that covers it. PT404, PT409; PT422 already_registered.';

create function app.expect_unsent(p_row public.scheduled_registrations) returns void
language plpgsql set search_path = '' as $$
begin
  if exists (
    select from public.booking_attempts
    where registration_id = p_row.id and (closed_at is null or outcome = 'booked')
  ) then
    perform app.conflict('A booking may have been sent; the outcome follows.');
  end if;
end $$;
comment on function app.expect_unsent is
  'Refuses unless every marker is closed and none of them booked.';

create function public.reschedule_registration(p_order jsonb) returns jsonb
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
  -- The permission lasts as long past the new opening as it did past the old one.
  update public.mandates set valid_until = valid_until + (moved_to - kept.scheduled_time)
  where registration_id = kept.id;
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
  'Pending, or executing with nothing sent, to pending at another time. PT404, PT409; PT422 '
  'invalid_order.';

create function public.cancel_registration(p_order jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  op constant text := p_order ->> 'operation_key';
  kept constant public.scheduled_registrations :=
    app.locked((p_order ->> 'registration_id')::uuid);
  answer jsonb := app.first_answer(op, 'cancel', kept.id);
begin
  if answer is not null then
    return answer;
  end if;
  perform app.expect(
    kept, array['draft', 'pending', 'executing'], (p_order ->> 'expected_version')::int);
  perform app.expect_unsent(kept);
  update public.scheduled_registrations set status = 'cancelled', version = version + 1
  where id = kept.id;
  perform app.audit(kept.id, 'cancelled', jsonb_build_object('from', kept.status), op);
  if kept.status <> 'draft' then  -- a draft promised nothing
    perform app.tell(kept.id, 'cancelled');
  end if;
  return app.keep_answer(op, 'cancel', kept.id, app.standing(kept.id));
end $$;
comment on function public.cancel_registration is
  'Draft, pending, or executing with nothing sent, to cancelled. PT404, PT409.';

create function public.revoke_mandate(p_registration_id uuid, p_operation_key text) returns jsonb
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
  return app.keep_answer(p_operation_key, 'revoke_mandate', kept.id, app.mandate(kept.id));
end $$;
comment on function public.revoke_mandate is
  'Withdraw the permission of a pending registration, once. PT404 before the confirm, PT409 '
  'from the claim on.';
