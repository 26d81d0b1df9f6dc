-- What is recorded is never surplus: an attempt that slept through another one's booking judges by
-- a row that it read before.

create or replace function public.note_surplus(
  p_registration_id uuid, p_surplus jsonb, p_operation_key text
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  kept constant public.scheduled_registrations := app.locked(p_registration_id);
  recorded constant text := coalesce(
    kept.booking_number, app.booked_marker(kept.id) ->> 'booking_number');
begin
  if app.first_answer(p_operation_key, 'note_surplus', kept.id) is not null then
    return null;
  elsif kept.status in ('executing', 'completed') and p_surplus -> 'standing' ? recorded then
    perform app.conflict('That booking is the recorded one.');
  end if;
  perform app.audit(kept.id, 'surplus_found', jsonb_build_object(
      'status', kept.status, 'recorded', p_surplus -> 'recorded', 'kept', p_surplus -> 'kept',
      'standing', p_surplus -> 'standing', 'cancelled', p_surplus -> 'cancelled'),
    p_operation_key);
  perform app.keep_answer(p_operation_key, 'note_surplus', kept.id, 'null');
  return null;
end $$;
comment on function public.note_surplus is
  'Record live bookings that should not be, and what became of them (Surplus); the row stays as '
  'it is. PT404; PT409 where the recorded booking of one that is booked is among them.';
