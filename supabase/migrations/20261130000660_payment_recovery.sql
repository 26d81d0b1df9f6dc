-- Payments that failed are waited for, and the letters about them are sent once.

create table public.recovery_letters (
  letter text not null check (letter in (
    'payment_failed_immediate', 'payment_failed_7day', 'payment_failed_1day', 'downgraded')),
  invoice_id text not null check (length(invoice_id) between 1 and 255),
  user_id uuid not null references public.user_profiles,
  holder text not null check (length(holder) between 1 and 500),
  claimed_at timestamptz not null default clock_timestamp(),
  done_at timestamptz,
  sent boolean,
  primary key (invoice_id, letter),
  constraint recovery_letters_done check ((done_at is null) = (sent is null))
);
comment on table public.recovery_letters is
  'Letters about payments that failed: each is claimed before it is sent, and sent once.';
comment on column public.recovery_letters.sent is 'False: the mail server refused it for good.';
create index recovery_letters_user on public.recovery_letters (user_id);
alter table public.recovery_letters enable row level security;

create function app.recovery(p_row public.payment_recoveries) returns jsonb
language sql stable set search_path = '' as $$
  select to_jsonb(p_row) - 'opened_at'
$$;
comment on function app.recovery is 'Shape of Recovery.';

create function public.open_recovery(p_recovery jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  kept public.payment_recoveries;
begin
  insert into public.payment_recoveries (invoice_id, user_id, owed_since, grace_ends_at)
  values (
    p_recovery ->> 'invoice_id', (p_recovery ->> 'user_id')::uuid,
    (p_recovery ->> 'owed_since')::timestamptz, (p_recovery ->> 'grace_ends_at')::timestamptz)
  on conflict do nothing;
  update public.payment_recoveries set ended_at = null, ending = null
  where invoice_id = p_recovery ->> 'invoice_id' and ending = 'cancelled';
  select * into strict kept from public.payment_recoveries
  where invoice_id = p_recovery ->> 'invoice_id';
  return app.recovery(kept);
exception
  when foreign_key_violation then
    perform app.missing('user');
  when check_violation or not_null_violation or data_exception then
    perform app.reject('invalid_recovery', 'The recovery''s values were not accepted.');
end $$;
comment on function public.open_recovery is
  'A payment is to be recovered (Recovery); the first grace stays, and one that ended because '
  'nobody wanted the subscription is opened again. PT404 user. PT422 invalid_recovery.';

create function public.end_recovery(p_invoice_id text, p_ending text) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  update public.payment_recoveries set ended_at = clock_timestamp(), ending = p_ending
  where invoice_id = p_invoice_id and ended_at is null;
  return null;
exception
  when check_violation then
    perform app.reject('invalid_recovery', 'The recovery''s values were not accepted.');
end $$;
comment on function public.end_recovery is
  'A recovery is settled (Ending); the first ending stays. Repeatable. PT422 invalid_recovery.';

create function public.get_recovery(p_invoice_id text) returns jsonb
language sql stable security definer set search_path = '' as $$
  select app.recovery(kept) from public.payment_recoveries as kept where invoice_id = p_invoice_id
$$;
comment on function public.get_recovery is 'The recovery of that invoice (Recovery); null without.';

create function public.open_recoveries(p_user_id uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(app.recovery(kept) order by kept.owed_since, kept.invoice_id), '[]')
  from public.payment_recoveries as kept
  where kept.user_id = p_user_id and kept.ended_at is null
$$;
comment on function public.open_recoveries is
  'The account''s recoveries that have not ended (Recovery), oldest first.';

create function public.claim_letter(p_order jsonb, p_holder text, p_lasts interval) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  kept public.recovery_letters;
begin
  insert into public.recovery_letters as known (invoice_id, letter, user_id, holder)
  values (
    p_order ->> 'invoice_id', p_order ->> 'letter', (p_order ->> 'user_id')::uuid,
    p_holder)
  on conflict (invoice_id, letter) do update set
    claimed_at = clock_timestamp(), holder = excluded.holder
  where known.done_at is null and (
    known.holder = excluded.holder or known.claimed_at <= clock_timestamp() - p_lasts)
  returning * into kept;
  if found then
    return to_jsonb('ours'::text);
  end if;
  select * into strict kept from public.recovery_letters
  where invoice_id = p_order ->> 'invoice_id' and letter = p_order ->> 'letter';
  return to_jsonb(case when kept.done_at is null then 'anothers' else 'done' end);
exception
  when foreign_key_violation then
    perform app.missing('user');
  when check_violation or not_null_violation then
    perform app.reject('invalid_letter', 'The letter''s values were not accepted.');
end $$;
comment on function public.claim_letter is
  'Before a letter is sent (LetterOrder, LetterClaim); a claim is over after so long. PT404 user. '
  'PT422 invalid_letter.';

create function public.letter_done(p_order jsonb, p_sent boolean) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  update public.recovery_letters set done_at = clock_timestamp(), sent = p_sent
  where invoice_id = p_order ->> 'invoice_id' and letter = p_order ->> 'letter'
    and done_at is null;
  return null;
end $$;
comment on function public.letter_done is
  'A letter was sent, or refused for good (LetterOrder). Repeatable.';

revoke all on public.recovery_letters
  from public, anon, authenticated, service_role;
revoke all on all functions in schema app from public, anon, authenticated, service_role;
grant execute on function app.user_id() to authenticated;
do $$
declare
  called text;
begin
  foreach called in array array[
    'open_recovery', 'end_recovery', 'get_recovery', 'open_recoveries', 'claim_letter',
    'letter_done'
  ] loop
    execute format('revoke all on function public.%I from public, anon, authenticated', called);
    execute format('grant execute on function public.%I to service_role', called);
    execute format('grant execute on function public.%I to signupassist_worker', called);
  end loop;
end $$;
