-- A permission may be withdrawn until the point of no return, also of what is armed: once that was
-- taken back. Nothing is sent but under a marker, and whoever opens one learns with it what was
-- withdrawn before; while it is open, nothing is.

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
    if kept.status not in ('pending', 'executing') then
      perform app.conflict(format('The registration is %s; its permission stands.', kept.status));
    end if;
    perform app.expect_unsent(kept);
    update public.mandates set revoked_at = clock_timestamp() where registration_id = kept.id;
    perform app.audit(kept.id, 'mandate_revoked',
      jsonb_build_object('mandate_id', kept.mandate_id), p_operation_key);
  end if;
  -- The answer is the parent's, and is kept: without the token.
  return app.keep_answer(
    p_operation_key, 'revoke_mandate', kept.id, app.mandate(kept.id) - 'token');
end $$;
comment on function public.revoke_mandate is
  'Withdraw the permission of a registration that is pending, or executing with nothing sent, once. '
  'PT404 before the confirm; PT409 while a booking may be sent, and from then on.';

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
      'booked', app.booked_marker(kept.id),
      'revoked', app.mandate(kept.id) ->> 'revoked_at' is not null));
end $$;
comment on function public.open_attempt is
  'Take a fence number and write the marker before any send; answers with the other unclosed '
  'markers, what is known of their processes, how many were closed because nothing was found, the '
  'booking that one was closed with, and whether the permission was withdrawn. A wish to have it '
  'back ends with being told here. PT404; PT409 unless executing.';
