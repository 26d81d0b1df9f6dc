-- Registrations whose outcome nobody could tell: why, since when, and what a person decided.

create table public.reviews (
  registration_id uuid primary key references public.scheduled_registrations,
  provider text not null,
  cause text not null check (cause in (
    'earlier_attempt_unanswered', 'send_unanswered', 'two_sends_without_trace',
    'too_late_to_send_again', 'refused_after_lost_send', 'awaits_approval', 'above_limit_stands',
    'only_cancelled', 'booking_step_failed', 'outcome_not_written', 'unspecified')),
  evidence text check (length(evidence) <= 4000),
  refused_as text check (refused_as in (
    'missed_window', 'sold_out', 'not_opened', 'rejected', 'over_cap', 'mandate_invalid',
    'provider_blocked', 'unauthorised', 'lapsed')),
  since timestamptz not null default clock_timestamp(),
  booking_number text check (length(booking_number) between 1 and 100),
  decision text check (decision in ('booked', 'not_booked')),
  decided_by text check (decided_by ~ '^[a-z0-9][a-z0-9._-]{0,31}$'),
  decided_at timestamptz,
  constraint decided_whole check (num_nulls(decision, decided_by, decided_at) in (0, 3)),
  constraint one_review_per_booking unique (provider, booking_number)
);
comment on table public.reviews is
  'One row a registration that waited, or waits, for a person. Codes and states, nothing personal.';
comment on column public.reviews.cause is 'Why nobody could tell (ReviewCause).';
comment on column public.reviews.refused_as is
  'The refusal that is doubted, or the failure that could not be written.';
comment on column public.reviews.booking_number is
  'The booking a person found: kept from before its fee is charged, so that two never share one.';
comment on column public.reviews.decided_by is 'A short handle, no name and no mail address.';
alter table public.reviews enable row level security;

create function app.await_review(
  p_row public.scheduled_registrations, p_cause text, p_evidence text, p_refused_as text
) returns void
language plpgsql set search_path = '' as $$
begin
  insert into public.reviews (registration_id, provider, cause, evidence, refused_as)
  values (p_row.id, p_row.provider, p_cause, left(p_evidence, 4000), p_refused_as);
  perform public.raise_alert(jsonb_build_object(
    'key', format('review_waiting/%s', p_row.id), 'kind', 'review_waiting',
    'registration_id', p_row.id,
    'sentence', format(
      'Nobody could tell whether %s was booked (%s). A person must decide: '
      'python starter.py review show %s', p_row.code, p_cause, p_row.code)));
end $$;
comment on function app.await_review is
  'The registration waits for a person from now on: its row of reviews, and the alert.';

create or replace function app.hand_over(p_row public.scheduled_registrations, p_order jsonb) returns void
language plpgsql set search_path = '' as $$
declare
  cause constant text := coalesce(p_order ->> 'cause', 'unspecified');
begin
  -- The markers stay open: nobody knows yet what became of them.
  update public.booking_attempts set evidence = left(p_order ->> 'evidence', 4000)
  where registration_id = p_row.id and closed_at is null
    and (p_order ->> 'fence' is null or fence = (p_order ->> 'fence')::int)
    and p_order ->> 'evidence' is not null;
  update public.scheduled_registrations set
    status = 'needs_review', error_message = left(p_order ->> 'message', 2000),
    booking_number = p_order -> 'booking' ->> 'booking_number', version = version + 1
  where id = p_row.id;
  perform app.audit(p_row.id, 'needs_review', jsonb_build_object(
      'fence', p_order -> 'fence', 'cause', cause,
      'booking_number', p_order -> 'booking' ->> 'booking_number')
    || app.sending(p_order),
    p_order ->> 'operation_key');
  perform app.await_review(p_row, cause, p_order ->> 'evidence', p_order ->> 'refused_as');
  perform app.tell(p_row.id, 'under_review');
end $$;
comment on function app.hand_over is
  'Nobody can tell whether it was booked: evidence, cause, audit event, letter and alert.';

-- Those that waited before causes were kept.
select app.await_review(waiting, 'unspecified', (
  select left(string_agg(evidence, '; ' order by fence), 4000)
  from public.booking_attempts where registration_id = waiting.id), null)
from public.scheduled_registrations as waiting where waiting.status = 'needs_review';

create function public.review_case(p_registration_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  if not exists (select from public.scheduled_registrations where id = p_registration_id) then
    perform app.missing('registration');
  end if;
  return (
    select jsonb_build_object(
      'registration_id', kept.registration_id, 'cause', kept.cause, 'since', kept.since,
      'evidence', kept.evidence, 'refused_as', kept.refused_as,
      'attempts', (
        select coalesce(jsonb_agg(
          to_jsonb(attempt) - array['registration_id', 'operation_key', 'lease_id', 'armed_by',
            'restored_from']
          order by attempt.fence), '[]')
        from public.booking_attempts as attempt
        where attempt.registration_id = kept.registration_id),
      'charges', (
        select coalesce(jsonb_agg(
          jsonb_build_object('number', charge.number, 'status', charge.status)
          order by charge.number), '[]')
        from public.charges as charge where charge.registration_id = kept.registration_id),
      'resolution', case when kept.decision is not null then jsonb_build_object(
        'decision', kept.decision, 'by', kept.decided_by, 'at', kept.decided_at,
        'booking_number', kept.booking_number) end)
    from public.reviews as kept where kept.registration_id = p_registration_id);
end $$;
comment on function public.review_case is
  'All that is known of a registration that waits, or waited, for a person (ReviewCase); null '
  'where it never did. PT404.';

create function public.booking_owner(p_registration_id uuid, p_booking_number text) returns jsonb
language sql stable security definer set search_path = '' as $$
  select to_jsonb(min(owner.code))
  from public.scheduled_registrations as asking
  join public.scheduled_registrations as owner
    on owner.provider = asking.provider and owner.id <> asking.id
  where asking.id = p_registration_id and owner.id in (
    select scheduled_registration_id from public.registrations
    where booking_number = p_booking_number
    union all
    select registration_id from public.reviews where booking_number = p_booking_number)
$$;
comment on function public.booking_owner is
  'The code of another registration, at the same provider, that has that booking; or null.';
