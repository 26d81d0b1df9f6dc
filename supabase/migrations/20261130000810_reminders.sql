-- What is due to be told at a time, rather than by a transition: owed by the notification job, each
-- letter once, whatever runs twice.

create function app.local_day(p_at timestamptz, p_zone text) returns date
language plpgsql stable set search_path = '' as $$
begin
  return (p_at at time zone p_zone)::date;
exception when invalid_parameter_value then
  return (p_at at time zone 'UTC')::date;
end $$;
comment on function app.local_day is
  'Which day it is there; by UTC where this database does not know the zone of that name.';

create function app.reminders_due(p_order jsonb)
returns table (registration_id uuid, kind text, period text)
language sql stable set search_path = '' as $$
  with asked as (
    select (p_order ->> 'due')::timestamptz as due, (p_order ->> 'quiet')::interval as quiet
  )
  select kept.id, 'opening_tomorrow', app.opening_period(kept.scheduled_time)
  from public.scheduled_registrations as kept
  join public.user_profiles as known on known.user_id = kept.user_id
  cross join asked
  where kept.status = 'pending'
    and kept.scheduled_time > due and kept.scheduled_time < due + interval '3 days'
    and kept.confirmed_at <= due - quiet
    and app.local_day(kept.scheduled_time, coalesce(known.time_zone, kept.time_zone))
      = app.local_day(due, coalesce(known.time_zone, kept.time_zone)) + 1
  union all
  select kept.id, 'profile_incomplete', '1'
  from public.scheduled_registrations as kept
  join public.user_profiles as known on known.user_id = kept.user_id
  join public.guardians as parent on parent.user_id = kept.user_id
  cross join asked
  where kept.status = 'draft' and kept.created_at <= due - quiet and kept.lapses_at > due
    and (known.payment_method_id is null
      or make_date(known.card_exp_year, known.card_exp_month, 1) + interval '1 month' <= due)
  union all
  select kept.id, 'receipt_follow_up', '1'
  from public.registrations as receipt
  join public.scheduled_registrations as kept on kept.id = receipt.scheduled_registration_id
  join public.programs as program on program.id = kept.program_id
  cross join asked
  where kept.status = 'completed' and program.starts_at > due
    and receipt.issued_at <= due - (p_order ->> 'follow_up_after')::interval
    and receipt.issued_at > due - 2 * (p_order ->> 'follow_up_after')::interval
  union all
  select kept.id, 'fee_due', 'day-' || extract(day from max(step.after))::int
  from public.registrations as receipt
  join public.scheduled_registrations as kept on kept.id = receipt.scheduled_registration_id
  cross join asked
  cross join lateral (
    select value::interval as after from jsonb_array_elements_text(p_order -> 'fee_after')
  ) as step
  where kept.status = 'completed' and kept.fee_status in ('due', 'requires_action')
    and receipt.issued_at <= due - step.after
    and receipt.issued_at > due - (p_order ->> 'fee_until')::interval
    and not exists (
      select from public.notifications as told
      where told.registration_id = kept.id and told.kind = 'fee_due'
        and told.created_at > due - 2 * quiet)
  group by kept.id
$$;
comment on function app.reminders_due is
  'What is to be told as of the nominal time `due` (ReminderOrder), told already or not.';

create function public.owe_reminders(p_order jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  owed int;
begin
  if p_order ->> 'due' is null then
    perform app.reject('invalid_order', 'Reminders are owed as of a nominal time.');
  end if;
  insert into public.notifications (registration_id, kind, period)
  select due.registration_id, due.kind, due.period
  from app.reminders_due(p_order) as due
  order by due.kind, due.registration_id
  on conflict on constraint notifications_once do nothing;
  get diagnostics owed = row_count;
  return to_jsonb(owed);
end $$;
comment on function public.owe_reminders is
  'Puts what is due in the outbox (ReminderOrder), each letter once; how many were new. PT422.';

create function public.reminders_to_send(p_order jsonb, p_claimer text) returns jsonb
language sql security definer set search_path = '' as $$
  with due as (
    select letter.id
    from public.notifications as letter
    join public.scheduled_registrations as kept on kept.id = letter.registration_id
    where app.free_for(letter, p_claimer) and letter.tries = 0
      and (letter.kind in ('opening_tomorrow', 'profile_incomplete', 'receipt_follow_up')
        or letter.kind = 'fee_due' and letter.period like 'day-%')
      and app.timely(letter, kept)
    order by letter.place limit (p_order ->> 'limit')::int
    for update of letter skip locked
  ), claimed as (
    update public.notifications as letter
    set claimed_by = p_claimer,
      claimed_until = clock_timestamp() + (p_order ->> 'claimed_for')::interval
    from due where letter.id = due.id
    returning letter as whole, letter.place, letter.tries, letter.registration_id
  )
  select coalesce(jsonb_agg(jsonb_build_object(
      'notification', app.letter(claimed.whole), 'code', kept.code, 'tries', claimed.tries)
    order by claimed.place), '[]')
  from claimed
  join public.scheduled_registrations as kept on kept.id = claimed.registration_id
$$;
comment on function public.reminders_to_send is
  'Reminders that nobody has tried to send yet (ReminderOrder, Undelivered), oldest first, claimed. '
  'One that was tried is the sweep of letters'' to try again.';

revoke all on function app.local_day(timestamptz, text), app.reminders_due(jsonb)
from public, anon, authenticated, service_role;
do $$
declare
  called text;
begin
  foreach called in array array['owe_reminders', 'reminders_to_send'] loop
    execute format('revoke all on function public.%I from public, anon, authenticated', called);
    execute format(
      'grant execute on function public.%I to service_role, signupassist_worker', called);
  end loop;
end $$;
