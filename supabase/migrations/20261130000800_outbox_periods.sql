-- Each letter once: one row of the outbox for its kind, its registration and its period. What a
-- transition owes is counted; what is due at a time is named after what it was due for.

alter table public.notifications add column period text check (period ~ '^[A-Za-z0-9-]{1,40}$');
update public.notifications as letter set period = counted.period
from (
  select id, row_number() over (partition by registration_id, kind order by place)::text as period
  from public.notifications
) as counted where counted.id = letter.id;
alter table public.notifications
  alter column period set not null,
  add constraint notifications_once unique (registration_id, kind, period);
comment on column public.notifications.period is
  'Which letter of that kind it is: 1, 2 ... of those that transitions owe; what a reminder was due '
  'for. With kind and registration it makes the letter''s Message-ID.';

alter table public.notifications drop constraint notifications_kind_check;
alter table public.notifications add constraint notifications_kind_check check (kind in (
  'scheduled', 'rescheduled', 'cancelled', 'problem_ahead', 'booked', 'not_booked',
  'under_review', 'fee_due', 'fee_paid', 'booking_cancelled', 'booking_lost', 'not_given_back',
  'refunded', 'opening_tomorrow', 'profile_incomplete', 'receipt_follow_up'));

create or replace function app.tell(p_registration_id uuid, p_kind text, p_facts jsonb default '{}')
returns void
language sql set search_path = '' as $$
  insert into public.notifications (registration_id, kind, facts, period)
  select p_registration_id, p_kind, p_facts, (count(*) + 1)::text
  from public.notifications where registration_id = p_registration_id and kind = p_kind
$$;
comment on function app.tell is
  'Puts a letter to the parent in the outbox. To be asked with the registration locked.';

create or replace function app.letter(p_row public.notifications) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'id', p_row.id, 'registration_id', p_row.registration_id, 'kind', p_row.kind,
    'period', p_row.period, 'facts', p_row.facts)
$$;

create function app.opening_period(p_opening timestamptz) returns text
language sql immutable set search_path = '' as $$
  select to_char(p_opening at time zone 'UTC', 'YYYYMMDD"T"HH24MISS"Z"')
$$;
comment on function app.opening_period is 'The period of what is told ahead of that opening.';

create function app.timely(
  p_row public.notifications, p_kept public.scheduled_registrations
) returns boolean
language sql stable set search_path = '' as $$
  select case p_row.kind
    when 'scheduled' then p_kept.status in ('pending', 'executing')
    when 'rescheduled' then p_kept.status in ('pending', 'executing')
    when 'problem_ahead' then p_kept.status in ('pending', 'executing')
    when 'opening_tomorrow' then p_kept.status in ('pending', 'executing')
      and p_row.period = app.opening_period(p_kept.scheduled_time)
    when 'profile_incomplete' then p_kept.status = 'draft'
    when 'receipt_follow_up' then p_kept.status = 'completed'
    else true end
$$;
comment on function app.timely is
  'Whether the letter still says something: not what lies ahead once the registration has ended.';

create or replace function public.unsent_notifications(
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
    join public.scheduled_registrations as kept on kept.id = waiting.registration_id
    where waiting.registration_id = p_registration_id and waiting.sent_at is null
      and waiting.refused_at is null
      and (p_claimer is null or waiting.claimed_by = p_claimer)
      and (waiting.kind not in ('opening_tomorrow', 'profile_incomplete', 'receipt_follow_up')
        or app.timely(waiting, kept)));
end $$;

create or replace function public.undelivered_letters(p_sweep jsonb, p_claimer text) returns jsonb
language sql security definer set search_path = '' as $$
  with due as (
    select letter.id
    from public.notifications as letter
    join public.scheduled_registrations as kept on kept.id = letter.registration_id
    where app.free_for(letter, p_claimer)
      and letter.created_at <= clock_timestamp() - (p_sweep ->> 'first_after')::interval
      and letter.created_at > clock_timestamp() - (p_sweep ->> 'worth')::interval
      and coalesce(letter.next_try_at <= clock_timestamp(), true)
      and app.timely(letter, kept)
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

create or replace function public.settle_refund(
  p_registration_id uuid, p_outcome jsonb, p_operation_key text
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  kept constant public.scheduled_registrations := app.locked(p_registration_id);
  refund public.refunds;
begin
  select * into refund from public.refunds where registration_id = kept.id;
  if not found then
    perform app.missing('refund');
  elsif p_outcome ->> 'status' not in ('pending', 'succeeded', 'failed') then
    perform app.reject('bad_outcome', 'A refund does not end like that.');
  elsif refund.status = p_outcome ->> 'status' then
    return null;
  -- A bank may send back what it had taken: succeeded, then failed.
  elsif refund.status = 'failed' or (
    refund.status = 'succeeded' and p_outcome ->> 'status' <> 'failed')
  then
    perform app.conflict(format('The refund ended already: %s.', refund.status));
  end if;
  update public.refunds set
    status = p_outcome ->> 'status', settled_at = clock_timestamp(),
    refund_id = coalesce(p_outcome ->> 'refund_id', refund_id),
    failure_code = left(p_outcome ->> 'failure_code', 100)
  where registration_id = kept.id;
  if refund.status = 'frozen' and p_outcome ->> 'status' <> 'failed' then
    perform app.audit(kept.id, 'fee_refunded', jsonb_build_object(
        'charge_number', refund.charge_number, 'amount_cents', refund.amount_cents,
        'currency', refund.currency), p_operation_key);
  elsif kept.fee_status = 'refunded' and p_outcome ->> 'status' = 'failed' then
    update public.scheduled_registrations set fee_status = 'paid', version = version + 1
    where id = kept.id;
    update public.registrations set fee_status = 'paid'
    where scheduled_registration_id = kept.id;
    perform app.audit(kept.id, 'fee_settled', jsonb_build_object(
        'fee_status', 'paid', 'charge_number', refund.charge_number, 'charged_cents', null,
        'refund', 'failed'), p_operation_key);
  elsif kept.fee_status = 'refunded' and refund.status = 'pending' then
    -- The letter about the place told that it was on its way.
    perform app.tell(kept.id, 'refunded');
  end if;
  return null;
end $$;
comment on function public.settle_refund is
  'Writes the payment service''s answer (RefundOutcome) on the refund; of one that was counted as '
  'given back and failed, the fee is paid again, on row and receipt; one that was on its way and '
  'arrived is told. Repeatable. PT404; PT409 when it ended otherwise; PT422 bad_outcome.';

revoke all on function app.timely(public.notifications, public.scheduled_registrations),
  app.opening_period(timestamptz)
from public, anon, authenticated, service_role;
