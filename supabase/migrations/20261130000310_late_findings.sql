-- A notice about a booking that a person gave to another registration, alerts that an operator has
-- dealt with, and a letter that must not deny a charge.

create or replace function public.noticed_look(
  p_provider text, p_booking_number text, p_reference text
) returns jsonb
language sql stable security definer set search_path = '' as $$
  select app.look(kept, null, 0, false)
  from public.scheduled_registrations as kept
  where kept.provider = p_provider and kept.id = coalesce(
    (select scheduled_registration_id from public.registrations
      where provider = p_provider and booking_number = p_booking_number),
    case when p_reference ~ '^sa-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
      then substr(p_reference, 4)::uuid end)
$$;
comment on function public.noticed_look is
  'The registration of a provider''s booking as a Look outside the stages: whose receipt has that '
  'number, else by our reference; null where it is none of ours.';

drop function public.raise_alert(jsonb);
create function public.raise_alert(
  p_alert jsonb, p_unless_settled_since timestamptz default null
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  concerns constant uuid := (p_alert ->> 'registration_id')::uuid;
  raised public.alerts;
begin
  if concerns is not null and not exists (
    select from public.scheduled_registrations where id = concerns)
  then
    perform app.missing('registration');
  end if;
  select * into raised from public.alerts
  where key = p_alert ->> 'key' and settled_at >= p_unless_settled_since
  order by place desc limit 1;
  if found then
    return app.alert(raised);
  end if;
  insert into public.alerts as known (key, kind, registration_id, sentence)
  values (p_alert ->> 'key', p_alert ->> 'kind', concerns, p_alert ->> 'sentence')
  on conflict (key) where settled_at is null do update set
    times = known.times + 1, last_raised_at = clock_timestamp(), sentence = excluded.sentence
  returning * into raised;
  return app.alert(raised);
end $$;
comment on function public.raise_alert is
  'Raises an alert (NewAlert); one open under its key is counted instead. One that was settled '
  'since then is let rest, and answered as it was. PT404 registration.';

create or replace function public.open_alerts(p_limit int) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(app.alert(listed.*::public.alerts) order by listed.place desc), '[]')
  from (
    select * from public.alerts where settled_at is null
    order by place desc limit greatest(p_limit, 0)
  ) as listed
$$;
comment on function public.open_alerts is 'The alerts not settled, newest first.';

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
  perform app.tell(p_row.id, 'under_review', case when exists (
      select from public.charges where registration_id = p_row.id and status <> 'declined')
    then '{"fee": "open"}'::jsonb else '{}'::jsonb end);
end $$;
comment on function app.hand_over is
  'Nobody can tell whether it was booked: evidence, cause, audit event, letter and alert.';

do $$
declare
  called text;
begin
  foreach called in array array['noticed_look', 'raise_alert', 'open_alerts'] loop
    execute format('revoke all on function public.%I from public, anon, authenticated', called);
    execute format('grant execute on function public.%I to service_role', called);
  end loop;
end $$;
