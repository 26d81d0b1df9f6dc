-- A wish to give a booking back is written down before the provider is asked: whatever breaks off on
-- the way, somebody goes on with it, and the fee is judged by the moment of the wish.

create table public.cancellation_wishes (
  registration_id uuid primary key references public.scheduled_registrations,
  cancelled_by text not null check (cancelled_by in ('parent', 'provider', 'operator')),
  reason text not null check (reason in (
    'provider_cancelled', 'duplicate_charge', 'technical_failure', 'cancellation_accepted')),
  asked_at timestamptz not null default clock_timestamp(),
  checked_at timestamptz
);
comment on table public.cancellation_wishes is
  'Wishes to give a booking back that were let in and not refused by the provider since.';
comment on column public.cancellation_wishes.checked_at is
  'When its workflow was last asked after.';
create index cancellation_wishes_to_check on public.cancellation_wishes (checked_at nulls first);
alter table public.cancellation_wishes enable row level security;

create function app.wish(p_wish public.cancellation_wishes) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'registration_id', p_wish.registration_id, 'by', p_wish.cancelled_by,
    'reason', p_wish.reason, 'asked_at', p_wish.asked_at)
$$;
comment on function app.wish is 'Shape of CancellationWish.';

create function public.keep_wish(p_wish jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  kept constant public.scheduled_registrations :=
    app.locked((p_wish ->> 'registration_id')::uuid);
begin
  if kept.status <> 'completed' then
    perform app.conflict(format('The registration is %s.', kept.status));
  end if;
  insert into public.cancellation_wishes as first (registration_id, cancelled_by, reason)
  values (kept.id, p_wish ->> 'by', p_wish ->> 'reason')
  on conflict (registration_id) do update set
    cancelled_by = excluded.cancelled_by, reason = excluded.reason,
    asked_at = excluded.asked_at, checked_at = null
  -- That the organiser did it is not known yet, and what somebody here wishes counts for itself.
  where first.cancelled_by = 'provider' and excluded.cancelled_by <> 'provider'
    and not exists (select from public.cancellations where registration_id = kept.id);
  return null;
exception
  when check_violation or not_null_violation then
    perform app.reject('invalid_order', 'The wish''s values were not accepted.');
end $$;
comment on function public.keep_wish is
  'Somebody wants the booking back (NewWish); the first wish stays, but for what is '
  'only thought to be the organiser''s. PT404; PT409 unless completed; '
  'PT422 invalid_order.';

create function public.drop_wish(p_registration_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  kept constant public.scheduled_registrations := app.locked(p_registration_id);
begin
  delete from public.cancellation_wishes as wish
  where wish.registration_id = kept.id and not exists (
    select from public.cancellations where registration_id = kept.id);
  return null;
end $$;
comment on function public.drop_wish is
  'The provider refused, so the booking stands and nobody goes on; a booking that is no more keeps '
  'its wish. Repeatable. PT404.';

create function public.cancellation_wish(p_registration_id uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select app.wish(wish) from public.cancellation_wishes as wish
  where wish.registration_id = p_registration_id
$$;
comment on function public.cancellation_wish is 'The wish (CancellationWish); null without one.';

create function public.wishes_to_check(p_sweep jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  found jsonb;
begin
  with due as (
    select wish.registration_id
    from public.cancellation_wishes as wish
    join public.scheduled_registrations as row on row.id = wish.registration_id
    where row.status = 'completed'
      and wish.asked_at <= clock_timestamp() - (p_sweep ->> 'wish_age')::interval
      and coalesce(
        wish.checked_at <= clock_timestamp() - (p_sweep ->> 'wish_every')::interval, true)
    order by wish.checked_at nulls first, wish.registration_id
    limit (p_sweep ->> 'limit')::int
    for update of wish skip locked
  ), taken as (
    update public.cancellation_wishes as wish set checked_at = clock_timestamp()
    from due where wish.registration_id = due.registration_id
    returning wish.*
  )
  select coalesce(jsonb_agg(
    app.wish(taken.*::public.cancellation_wishes) order by taken.asked_at), '[]')
  into found from taken;
  return found;
end $$;
comment on function public.wishes_to_check is
  'Wishes whose cancellation has not come through yet, handed out for a look at their workflows '
  '(RunSweep, CancellationWish), those never looked at first.';

create or replace function app.fee_kept(
  p_row public.scheduled_registrations, p_charge public.charges,
  p_cancellation public.cancellations
) returns text
language sql stable set search_path = '' as $$
  select case
    when p_charge.number is null then 'nothing_paid'
    when clock_timestamp() > p_charge.settled_at + interval '90 days' then 'refund_too_late'
    when p_cancellation.reason = 'cancellation_accepted' and exists (
      select from public.programs
      where id = p_row.program_id and starts_at <= least(
        (select asked_at from public.cancellation_wishes where registration_id = p_row.id),
        p_cancellation.booking_cancelled_at))
    then 'event_begun' end
$$;

alter table public.alerts drop constraint alerts_kind_check;
alter table public.alerts add constraint alerts_kind_check check (kind in (
  'several_bookings', 'ghost_booking', 'booking_gone', 'run_missing', 'review_waiting',
  'fee_unsettled', 'refund_failed', 'charge_unexpected', 'cancellation_open'));

revoke all on public.cancellation_wishes from public, anon, authenticated, service_role;
revoke all on all functions in schema app from public, anon, authenticated, service_role;
grant execute on function app.user_id() to authenticated;
do $$
declare
  called text;
begin
  foreach called in array array['keep_wish', 'drop_wish', 'cancellation_wish', 'wishes_to_check']
  loop
    execute format('revoke all on function public.%I from public, anon, authenticated', called);
    execute format('grant execute on function public.%I to service_role', called);
  end loop;
end $$;
