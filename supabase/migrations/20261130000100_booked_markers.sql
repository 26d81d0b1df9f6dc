-- A marker closed as booked is remembered by whoever takes the registration over: between the
-- booking and the outcome a run may be lost, and its successor must not send again.

create function app.booked_marker(p_registration_id uuid) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object('booking_number', booking_number, 'send_at', send_at)
  from public.booking_attempts
  where registration_id = p_registration_id and outcome = 'booked' and booking_number is not null
  order by fence limit 1
$$;
comment on function app.booked_marker is
  'The booking that a marker was closed with (BookedMarker); null where there is none.';

create or replace function public.open_attempt(
  p_registration_id uuid, p_send_at timestamptz, p_operation_key text,
  p_lease_id uuid default null, p_armed_by jsonb default null
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
  -- A renewal under way is waited for, and the next one comes after this marker is there: what
  -- is said of a lease here stays true.
  perform from public.leases as held where held.lease_id in (
    select lease_id from public.booking_attempts
    where registration_id = kept.id and closed_at is null) for share;
  select coalesce(jsonb_agg(app.marker(earlier) order by earlier.fence), '[]') into others
  from public.booking_attempts as earlier
  where earlier.registration_id = kept.id and earlier.closed_at is null;
  insert into public.booking_attempts (
    registration_id, fence, send_at, operation_key, lease_id, armed_by)
  select kept.id, coalesce(max(fence), 0) + 1, p_send_at, p_operation_key, p_lease_id, p_armed_by
  from public.booking_attempts where registration_id = kept.id
  returning * into opened;
  perform app.audit(kept.id, 'attempt_opened', jsonb_build_object(
      'fence', opened.fence, 'send_at', app.instant_text(p_send_at),
      'unclosed', jsonb_array_length(others)), p_operation_key);
  -- Told once: where the change then fails, it is armed again and must stay so.
  update public.scheduled_registrations set release_asked_at = null
  where id = kept.id and release_asked_at is not null;
  return app.keep_answer(p_operation_key, 'open_attempt', kept.id,
    jsonb_build_object('marker', app.marker(opened), 'unclosed', others, 'nothing_found', (
      select count(*) from public.booking_attempts
      where registration_id = kept.id and outcome = 'nothing_found'),
      'release_asked', kept.release_asked_at is not null,
      'booked', app.booked_marker(kept.id)));
end $$;
comment on function public.open_attempt is
  'Take a fence number and write the marker before any send; answers with the other unclosed '
  'markers, what is known of their processes, how many were closed because nothing was found, and '
  'the booking that one was closed with. A wish to have it back ends with being told here. PT404; '
  'PT409 unless executing.';

create or replace function app.fail(p_row public.scheduled_registrations, p_order jsonb) returns void
language plpgsql set search_path = '' as $$
declare
  closed jsonb;
begin
  if p_order ->> 'failure_code' is null then
    perform app.reject('failure_code_missing', 'A failure needs its code.');
  elsif p_row.status <> 'needs_review' and app.booked_marker(p_row.id) is not null then
    -- Only a person may say that what was booked is not.
    perform app.conflict('A booking was recorded for this registration.');
  end if;
  closed := app.close_markers(p_row.id, null, 'refused', null, p_order ->> 'evidence');
  update public.scheduled_registrations set
    status = 'failed', failure_code = p_order ->> 'failure_code',
    error_message = left(p_order ->> 'message', 2000), version = version + 1
  where id = p_row.id;
  perform app.audit(p_row.id, 'failed', jsonb_build_object(
      'from', p_row.status, 'failure_code', p_order ->> 'failure_code', 'closed', closed)
    || app.sending(p_order),
    p_order ->> 'operation_key');
  perform app.tell(p_row.id, 'not_booked', jsonb_build_object(
    'failure_code', p_order ->> 'failure_code'));
end $$;

revoke all on all functions in schema app from public, anon, authenticated, service_role;
grant execute on function app.user_id() to authenticated;
