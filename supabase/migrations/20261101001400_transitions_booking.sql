-- The opening: look ahead, claim, and the markers of what may have been sent.

create function public.note_problems(
  p_registration_id uuid, p_problems jsonb, p_operation_key text
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  kept constant public.scheduled_registrations := app.locked(p_registration_id);
  listed constant jsonb := p_problems -> 'problems';
begin
  if app.first_answer(p_operation_key, 'note_problems', p_registration_id) is not null then
    return null;
  end if;
  perform app.audit(kept.id, 'problem_found', jsonb_build_object(
      'codes', coalesce((
        select jsonb_agg(problem -> 'code' order by place)
        from jsonb_array_elements(listed) with ordinality as list (problem, place)), '[]')),
    p_operation_key);
  perform app.tell(kept.id, 'problem_ahead', jsonb_build_object(
    'message', coalesce((
      select string_agg(problem ->> 'sentence', ' ' order by place)
      from jsonb_array_elements(listed) with ordinality as list (problem, place)), '')));
  perform app.keep_answer(p_operation_key, 'note_problems', kept.id, 'null');
  return null;
end $$;
comment on function public.note_problems is
  'Record what a preflight found and put a letter in the outbox; the row stays as it is. PT404.';

create function public.claim_registration(p_order jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  op constant text := p_order ->> 'operation_key';
  kept constant public.scheduled_registrations :=
    app.locked((p_order ->> 'registration_id')::uuid);
  answer jsonb := app.first_answer(op, 'claim', kept.id);
  send_at timestamptz;
begin
  if answer is not null then
    return answer;
  end if;
  perform app.expect(kept, array['pending'], (p_order ->> 'expected_version')::int);
  send_at := greatest(kept.scheduled_time, clock_timestamp());
  update public.scheduled_registrations set status = 'executing', version = version + 1
  where id = kept.id;
  perform app.audit(kept.id, 'claimed',
    jsonb_build_object('send_at', app.instant_text(send_at), 'rank', 1), op);
  return app.keep_answer(op, 'claim', kept.id, jsonb_build_object(
    'standing', app.standing(kept.id), 'send_at', send_at, 'rank', 1));
end $$;
comment on function public.claim_registration is
  'Pending to executing; answers when to send: at the opening, or now when it is past. PT404, '
  'PT409.';

create function public.open_attempt(
  p_registration_id uuid, p_send_at timestamptz, p_operation_key text
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  kept constant public.scheduled_registrations := app.locked(p_registration_id);
  answer jsonb := app.first_answer(p_operation_key, 'open_attempt', p_registration_id);
  others jsonb;
  opened public.booking_attempts;
begin
  if answer is not null then
    return answer;
  elsif kept.status <> 'executing' then
    perform app.conflict(format('The registration is %s; expected executing.', kept.status));
  end if;
  select coalesce(jsonb_agg(app.marker(earlier) order by earlier.fence), '[]') into others
  from public.booking_attempts as earlier
  where earlier.registration_id = kept.id and earlier.closed_at is null;
  insert into public.booking_attempts (registration_id, fence, send_at, operation_key)
  select kept.id, coalesce(max(fence), 0) + 1, p_send_at, p_operation_key
  from public.booking_attempts where registration_id = kept.id
  returning * into opened;
  perform app.audit(kept.id, 'attempt_opened', jsonb_build_object(
      'fence', opened.fence, 'send_at', app.instant_text(p_send_at),
      'unclosed', jsonb_array_length(others)), p_operation_key);
  return app.keep_answer(p_operation_key, 'open_attempt', kept.id,
    jsonb_build_object('marker', app.marker(opened), 'unclosed', others, 'nothing_found', (
      select count(*) from public.booking_attempts
      where registration_id = kept.id and outcome = 'nothing_found')));
end $$;
comment on function public.open_attempt is
  'Take a fence number and write the marker before any send; answers with the other unclosed '
  'markers and how many were closed because nothing was found. PT404; PT409 unless executing.';

create function app.close_markers(
  p_registration_id uuid, p_fence int, p_outcome text, p_booking_number text, p_evidence text
) returns jsonb
language sql set search_path = '' as $$
  with closed as (
    update public.booking_attempts set
      closed_at = clock_timestamp(), outcome = p_outcome, booking_number = p_booking_number,
      evidence = coalesce(left(p_evidence, 4000), evidence)
    where registration_id = p_registration_id and closed_at is null
      and (p_fence is null or fence = p_fence)
    returning fence)
  select coalesce(jsonb_agg(fence order by fence), '[]') from closed
$$;
comment on function app.close_markers is
  'Closes the unclosed marker of that fence, or with null all of them; answers with their fences.';

create function public.close_attempt(
  p_registration_id uuid, p_fence int, p_outcome text, p_evidence text
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  kept constant public.scheduled_registrations := app.locked(p_registration_id);
  marker public.booking_attempts;
begin
  if p_outcome is null or p_outcome not in ('released', 'refused', 'nothing_found', 'booked') then
    perform app.reject('bad_outcome', 'That is not an outcome of an attempt.');
  end if;
  select * into marker from public.booking_attempts
  where registration_id = kept.id and fence = p_fence;
  if not found then
    perform app.missing('attempt');
  elsif marker.outcome = p_outcome then
    return null;
  elsif marker.outcome is not null then
    perform app.conflict(format('The attempt was closed as %s.', marker.outcome));
  end if;
  perform app.close_markers(kept.id, p_fence, p_outcome, null, p_evidence);
  perform app.audit(kept.id, 'attempt_closed',
    jsonb_build_object('fence', p_fence, 'outcome', p_outcome),
    format('registration-%s/close-attempt/%s', kept.id, p_fence));
  return null;
end $$;
comment on function public.close_attempt is
  'Close a marker; the same outcome again changes nothing. PT404; PT409 when closed otherwise; '
  'PT422 bad_outcome.';
