-- What waits while bookings are paused. By triggers, not in each function: whatever writes such a
-- row, now or in a later release, is held by them.

create function app.expect_bookings_open() returns void
language plpgsql set search_path = '' as $$
declare
  paused_since timestamptz;
begin
  -- Share-locked: once a pause has been written, nobody is still under way past this point.
  select bookings_paused_since into paused_since from public.service_state for share;
  if paused_since is not null then
    raise exception using errcode = 'PT423', message = format(
      'Bookings are paused since %s.', app.instant_text(paused_since));
  end if;
end $$;
comment on function app.expect_bookings_open is
  'Refuses while bookings are paused. HTTP 423: the same call goes through when they run again.';

create function app.expect_reconciled() returns void
language plpgsql set search_path = '' as $$
declare
  waiting_since timestamptz;
begin
  select restored_at into waiting_since
  from public.service_state where reconciled_at is null for share;
  if waiting_since is not null then
    raise exception using errcode = 'PT423', message = format(
      'The database was restored at %s and is not reconciled.', app.instant_text(waiting_since));
  end if;
end $$;
comment on function app.expect_reconciled is
  'Refuses between a restore and its reconciliation. HTTP 423, as for a pause.';

create function app.hold_while_paused() returns trigger
language plpgsql set search_path = '' as $$
begin
  -- The reconciliation itself writes markers while everything waits for it.
  if coalesce(current_setting('app.reconciling', true), '') <> 'on' then
    perform app.expect_bookings_open();
  end if;
  return new;
end $$;
comment on function app.hold_while_paused is 'Trigger: waits for bookings to run.';

create function app.hold_until_reconciled() returns trigger
language plpgsql set search_path = '' as $$
begin
  perform app.expect_reconciled();
  return new;
end $$;
comment on function app.hold_until_reconciled is 'Trigger: waits for a restore to be reconciled.';

create trigger registrations_claimed_unpaused
  before update of status on public.scheduled_registrations
  for each row when (old.status = 'pending' and new.status = 'executing')
  execute function app.hold_while_paused();
create trigger booking_attempts_unpaused before insert on public.booking_attempts
  for each row execute function app.hold_while_paused();
-- One that was never claimed "was never sent": after a restore nobody knows that before it was
-- looked for. An operator's pause does not hold it: a window that passes meanwhile was missed.
create trigger registrations_failed_reconciled
  before update of status on public.scheduled_registrations
  for each row when (old.status = 'pending' and new.status in ('failed', 'needs_review'))
  execute function app.hold_until_reconciled();
-- Charges likewise: a pause of bookings must not make the fee of a place that stands look due.
create trigger charges_reconciled before insert on public.charges
  for each row execute function app.hold_until_reconciled();

revoke all on all functions in schema app from public, anon, authenticated, service_role;
grant execute on function app.user_id() to authenticated;
