-- Look-ups that change nothing, the outbox, and the answer to "are you there".

create function public.get_registration(p_registration_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  kept public.scheduled_registrations;
begin
  select * into kept from public.scheduled_registrations where id = p_registration_id;
  if not found then
    perform app.missing('registration');
  end if;
  return app.registration(kept);
end $$;
comment on function public.get_registration is 'The registration. PT404 when there is none.';

create function public.list_registrations(p_user_id uuid, p_limit int) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(
    jsonb_agg(app.registration(own.*::public.scheduled_registrations)
      order by own.created_at desc, own.id), '[]')
  from (
    select * from public.scheduled_registrations where user_id = p_user_id
    order by created_at desc, id limit greatest(p_limit, 0)
  ) as own
$$;
comment on function public.list_registrations is 'The user''s own registrations, latest first.';

create function public.list_all_registrations(p_limit int, p_status text) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(
    jsonb_agg(app.registration(listed.*::public.scheduled_registrations)
      order by listed.scheduled_time, listed.id), '[]')
  from (
    select * from public.scheduled_registrations where p_status is null or status = p_status
    order by scheduled_time, id limit greatest(p_limit, 0)
  ) as listed
$$;
comment on function public.list_all_registrations is
  'Everybody''s registrations of that status, or of any, soonest opening first.';

create function public.get_registration_by_code(p_code text) returns jsonb
language sql stable security definer set search_path = '' as $$
  select app.registration(meant) from public.scheduled_registrations as meant
  where meant.id = coalesce(
    (select id from public.scheduled_registrations where code = upper(p_code)),
    (select scheduled_registration_id from public.registrations
      where receipt_code = upper(p_code)))
$$;
comment on function public.get_registration_by_code is
  'The registration of an SCH- or REG- code, or null.';

create function public.get_dossier(p_registration_id uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select app.dossier(p_registration_id)
$$;
comment on function public.get_dossier is
  'Everything one registration''s steps read, in one look-up. PT404 when there is none.';

create function public.list_receipts(p_user_id uuid, p_limit int) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(
    jsonb_agg(app.receipt(own.*::public.registrations)
      order by own.issued_at desc, own.receipt_code), '[]')
  from (
    select * from public.registrations where user_id = p_user_id
    order by issued_at desc, receipt_code limit greatest(p_limit, 0)
  ) as own
$$;
comment on function public.list_receipts is 'The user''s own receipts, latest first.';

create function public.list_all_receipts(p_limit int) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(
    jsonb_agg(app.receipt(listed.*::public.registrations)
      order by listed.issued_at desc, listed.receipt_code), '[]')
  from (
    select * from public.registrations
    order by issued_at desc, receipt_code limit greatest(p_limit, 0)
  ) as listed
$$;
comment on function public.list_all_receipts is 'Everybody''s receipts, latest first.';

create function public.audit_trail(p_registration_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  if not exists (select from public.scheduled_registrations where id = p_registration_id) then
    perform app.missing('registration');
  end if;
  return (
    select coalesce(jsonb_agg(to_jsonb(event) order by event.seq), '[]')
    from public.audit_events as event where event.registration_id = p_registration_id);
end $$;
comment on function public.audit_trail is
  'The registration''s audit events, in order. PT404 when there is no such registration.';

create function public.verify_audit(p_registration_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  event public.audit_events;
  before text := repeat('0', 64);
  place int := 0;
  fault text;
  expected_head text;
begin
  select audit_head into expected_head
  from public.scheduled_registrations where id = p_registration_id;
  if not found then
    perform app.missing('registration');
  end if;
  for event in
    select * from public.audit_events where registration_id = p_registration_id order by seq
  loop
    place := place + 1;
    fault := coalesce(fault, case
      when event.seq <> place then format('event %s is missing', place)
      when event.prev_hash <> before then format(
        'event %s does not follow the one before it', place)
      when event.hash <> app.event_hash(event) then format('event %s was altered', place)
    end);
    before := event.hash;
  end loop;
  if place = 0 then
    fault := 'there are no events';
  elsif fault is null and before is distinct from expected_head then
    fault := 'the chain does not end where its registration says it does';
  end if;
  return jsonb_build_object(
    'holds', fault is null, 'events', place,
    'head', case when place > 0 then before end, 'problem', fault);
end $$;
comment on function public.verify_audit is
  'The database''s own check of the chain (AuditVerdict), rule for rule '
  'domain.audit.verify_chain. PT404 when there is no such registration.';

create function public.unsent_notifications(p_registration_id uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(
    jsonb_build_object(
      'id', waiting.id, 'registration_id', waiting.registration_id, 'kind', waiting.kind,
      'facts', waiting.facts)
    order by waiting.place), '[]')
  from public.notifications as waiting
  where waiting.registration_id = p_registration_id and waiting.sent_at is null
$$;
comment on function public.unsent_notifications is
  'The registration''s letters waiting to be sent, oldest first.';

create function public.mark_notification_sent(p_notification_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  update public.notifications set sent_at = coalesce(sent_at, clock_timestamp())
  where id = p_notification_id;
  if not found then
    perform app.missing('notification');
  end if;
  return null;
end $$;
comment on function public.mark_notification_sent is
  'The letter went out; the first time said stays. PT404 when there is none.';

create function public.ping() returns jsonb
language sql stable security definer set search_path = '' as $$ select null::jsonb $$;
comment on function public.ping is 'Answers null.';
