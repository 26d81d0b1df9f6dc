-- Letters that did not go out at once: claimed before they are sent, and tried again, not for ever.

alter table public.notifications
  add column tries int not null default 0 check (tries >= 0),
  add column next_try_at timestamptz,
  add column claimed_by text check (length(claimed_by) between 1 and 200),
  add column claimed_until timestamptz,
  add column refused_at timestamptz,
  add column refusal text check (refusal in ('refused', 'given_up')),
  add constraint notifications_refusal_dated check ((refused_at is null) = (refusal is null));
comment on column public.notifications.tries is 'How often the sweep of letters tried in vain.';
comment on column public.notifications.claimed_by is
  'The workflow that sends it, alone until claimed_until.';
comment on column public.notifications.refusal is
  'Why it is sent no more: the mail server refused it for good, or every try was in vain.';
create index notifications_waiting on public.notifications (place)
  where sent_at is null and refused_at is null;

create function app.letter(p_row public.notifications) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'id', p_row.id, 'registration_id', p_row.registration_id, 'kind', p_row.kind,
    'facts', p_row.facts)
$$;
comment on function app.letter is 'Shape of Notification.';

create function app.free_for(p_row public.notifications, p_claimer text) returns boolean
language sql stable set search_path = '' as $$
  select p_row.sent_at is null and p_row.refused_at is null and (
    p_row.claimed_until is null or p_row.claimed_until <= clock_timestamp()
    or p_row.claimed_by = p_claimer)
$$;
comment on function app.free_for is
  'Whether that workflow may send the letter: nobody else is at it. Who claimed it may again.';

drop function public.unsent_notifications(uuid);
create function public.unsent_notifications(
  p_registration_id uuid, p_claimer text default null, p_claimed_for interval default null
) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  if p_claimer is not null then
    update public.notifications as letter
    set claimed_by = p_claimer, claimed_until = clock_timestamp() + p_claimed_for
    where letter.registration_id = p_registration_id and app.free_for(letter, p_claimer);
  end if;
  return (
    select coalesce(jsonb_agg(app.letter(waiting) order by waiting.place), '[]')
    from public.notifications as waiting
    where waiting.registration_id = p_registration_id and waiting.sent_at is null
      and waiting.refused_at is null
      and (p_claimer is null or waiting.claimed_by = p_claimer));
end $$;
comment on function public.unsent_notifications is
  'The registration''s letters waiting to be sent, oldest first. With a claimer only those that '
  'nobody else is at, which are the claimer''s for that long.';

create function public.undelivered_letters(p_sweep jsonb, p_claimer text) returns jsonb
language sql security definer set search_path = '' as $$
  with due as (
    select letter.id
    from public.notifications as letter
    join public.scheduled_registrations as kept on kept.id = letter.registration_id
    where app.free_for(letter, p_claimer)
      and letter.created_at <= clock_timestamp() - (p_sweep ->> 'first_after')::interval
      and letter.created_at > clock_timestamp() - (p_sweep ->> 'worth')::interval
      and coalesce(letter.next_try_at <= clock_timestamp(), true)
      and (kept.status in ('pending', 'executing')
        or letter.kind not in ('scheduled', 'rescheduled', 'problem_ahead'))
    order by letter.place limit (p_sweep ->> 'limit')::int
    for update of letter skip locked
  ), claimed as (
    update public.notifications as letter
    set claimed_by = p_claimer,
      claimed_until = clock_timestamp() + (p_sweep ->> 'claimed_for')::interval
    from due where letter.id = due.id
    returning letter as whole, letter.place, letter.tries, letter.registration_id
  )
  select coalesce(jsonb_agg(jsonb_build_object(
      'notification', app.letter(claimed.whole), 'code', kept.code, 'tries', claimed.tries)
    order by claimed.place), '[]')
  from claimed
  join public.scheduled_registrations as kept on kept.id = claimed.registration_id
$$;
comment on function public.undelivered_letters is
  'Letters that are to be tried again now (LetterSweep, Undelivered), oldest first, each claimed. '
  'What was to be told before an opening is not, once the registration has ended.';

create function public.put_off_letter(
  p_notification_id uuid, p_claimer text, p_pause interval
) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  update public.notifications
  set tries = tries + 1, next_try_at = clock_timestamp() + p_pause,
    claimed_by = null, claimed_until = null
  where id = p_notification_id and claimed_by = p_claimer;
  if not found and not exists (select from public.notifications where id = p_notification_id) then
    perform app.missing('notification');
  end if;
  return null;
end $$;
comment on function public.put_off_letter is
  'The claimer''s try was in vain, and the next comes after so long. Counts once. PT404.';

create function public.refuse_letter(p_notification_id uuid, p_because text) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  update public.notifications
  set refused_at = coalesce(refused_at, clock_timestamp()), refusal = coalesce(refusal, p_because)
  where id = p_notification_id;
  if not found then
    perform app.missing('notification');
  end if;
  return null;
end $$;
comment on function public.refuse_letter is
  'The letter is sent no more (refused, given_up); the first cause said stays. PT404.';

alter table public.alerts drop constraint alerts_kind_check;
alter table public.alerts add constraint alerts_kind_check check (kind in (
  'several_bookings', 'ghost_booking', 'booking_gone', 'run_missing', 'review_waiting',
  'fee_unsettled', 'refund_failed', 'mandate_unsigned', 'charge_unexpected',
  'cancellation_open', 'look_unanswered', 'backup_failed', 'letter_undelivered'));

revoke all on function app.letter(public.notifications), app.free_for(public.notifications, text)
  from public, anon, authenticated, service_role;
do $$
declare
  called text;
begin
  foreach called in array array[
    'unsent_notifications', 'undelivered_letters', 'put_off_letter', 'refuse_letter'
  ] loop
    execute format('revoke all on function public.%I from public, anon, authenticated', called);
    execute format(
      'grant execute on function public.%I to service_role, signupassist_worker', called);
  end loop;
end $$;
