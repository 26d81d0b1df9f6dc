-- What `starter.py explain` asks beside row and audit trail: what was tried, charged, given back and
-- told. No word of a letter, and nothing that names a payer.

create function app.attempt_record(p_attempt public.booking_attempts) returns jsonb
language sql stable set search_path = '' as $$
  select to_jsonb(p_attempt) - array[
    'registration_id', 'operation_key', 'lease_id', 'armed_by', 'restored_from']
$$;
comment on function app.attempt_record is 'Shape of AttemptRecord.';

create function public.registration_ledger(p_registration_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  kept public.scheduled_registrations;
begin
  select * into kept from public.scheduled_registrations where id = p_registration_id;
  if not found then
    perform app.missing('registration');
  end if;
  return jsonb_build_object(
    'attempts', (
      select coalesce(jsonb_agg(app.attempt_record(attempt) order by attempt.fence), '[]')
      from public.booking_attempts as attempt where attempt.registration_id = kept.id),
    'charges', (
      select coalesce(jsonb_agg(jsonb_build_object(
          'number', charge.number,
          'amount', jsonb_build_object(
            'amount_cents', charge.amount_cents, 'currency', charge.currency),
          'first_sent_at', charge.first_sent_at, 'status', charge.status,
          'settled_at', charge.settled_at, 'decline_code', charge.decline_code)
        order by charge.number), '[]')
      from public.charges as charge where charge.registration_id = kept.id),
    'refund', (
      select jsonb_build_object(
        'amount', jsonb_build_object(
          'amount_cents', refund.amount_cents, 'currency', refund.currency),
        'reason', refund.reason, 'first_sent_at', refund.first_sent_at, 'status', refund.status,
        'settled_at', refund.settled_at, 'failure_code', refund.failure_code)
      from public.refunds as refund where refund.registration_id = kept.id),
    'booking_gone_at', (
      select gone.booking_cancelled_at from public.cancellations as gone
      where gone.registration_id = kept.id),
    'letters', (
      select coalesce(jsonb_agg(jsonb_build_object(
          'kind', letter.kind, 'period', letter.period, 'owed_at', letter.created_at,
          'sent_at', letter.sent_at, 'refusal', letter.refusal)
        order by letter.place), '[]')
      from public.notifications as letter where letter.registration_id = kept.id),
    'receipt', (
      select app.receipt(receipt) from public.registrations as receipt
      where receipt.scheduled_registration_id = kept.id),
    'reader', (
      select app.reader(known) from public.user_profiles as known
      where known.user_id = kept.user_id));
end $$;
comment on function public.registration_ledger is
  'What was tried, charged, given back and told of a registration (Ledger). PT404.';

revoke all on all functions in schema app from public, anon, authenticated, service_role;
grant execute on function app.user_id() to authenticated;
revoke all on function public.registration_ledger(uuid) from public, anon, authenticated;
grant execute on function public.registration_ledger(uuid) to service_role;
