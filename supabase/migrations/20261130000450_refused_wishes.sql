-- Whoever asked to give a booking back and got no answer at first is told where it stays.

alter table public.notifications drop constraint notifications_kind_check;
alter table public.notifications add constraint notifications_kind_check check (kind in (
  'scheduled', 'rescheduled', 'cancelled', 'problem_ahead', 'booked', 'not_booked',
  'under_review', 'fee_due', 'fee_paid', 'booking_cancelled', 'booking_lost', 'not_given_back'));

drop function public.drop_wish(uuid);
create function public.drop_wish(
  p_registration_id uuid, p_message text default null
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  kept constant public.scheduled_registrations := app.locked(p_registration_id);
  dropped text;
begin
  delete from public.cancellation_wishes as wish
  where wish.registration_id = kept.id and not exists (
    select from public.cancellations where registration_id = kept.id)
  returning wish.cancelled_by into dropped;
  if dropped = 'parent' and p_message is not null then
    perform app.tell(kept.id, 'not_given_back', jsonb_build_object('message', left(p_message, 2000)));
  end if;
  return null;
end $$;
comment on function public.drop_wish is
  'The booking stands and nobody goes on; a booking that is no more keeps its wish. With a message '
  'the parent whose wish it was is written to. Repeatable. PT404.';

revoke all on function public.drop_wish from public, anon, authenticated;
grant execute on function public.drop_wish to service_role;
