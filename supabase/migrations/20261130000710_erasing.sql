-- An account is erased: who it was goes, what the books need stays under ids that lead to nobody.

create function app.erased_words() returns text
language sql immutable parallel safe set search_path = '' as $$ select '(erased)' $$;
comment on function app.erased_words is
  'Stands in the place of the words that a parent agreed to.';

-- No field of anybody: neither sealed, nor in the clear, nor counted.
create or replace function app.fields(p_row public.scheduled_registrations) returns jsonb
language sql immutable parallel safe set search_path = '' as $$
  select case when p_row.summary = app.erased_words() then '{}'
    else jsonb_build_object('summary', p_row.summary) end
$$;

create or replace function app.refuse_clear_fields() returns trigger
language plpgsql set search_path = '' as $$
declare
  fresh constant jsonb := to_jsonb(new);
begin
  -- Shared: who switches the demand on waits for all who are writing, and they for it.
  perform pg_advisory_xact_lock_shared(hashtextextended('fields_sealed', 0));
  if (select fields_sealed_since is not null from public.service_state) and exists (
    select from unnest(tg_argv) as field
    where not app.is_sealed(fresh ->> field)
      and not (field = 'summary' and fresh ->> field = app.erased_words()))
  then
    perform app.reject('clear_field', 'Fields are taken sealed only.');
  end if;
  return new;
end $$;

create function app.locked_erasure(p_user_id uuid) returns public.erasures
language plpgsql set search_path = '' as $$
declare
  kept public.erasures;
begin
  select * into kept from public.erasures where user_id = p_user_id for update;
  if not found then
    perform app.missing('wish');
  end if;
  return kept;
end $$;
comment on function app.locked_erasure is 'The wish, held to the end of the transaction.';

create function public.due_erasures(p_at timestamptz, p_limit int) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(due.user_id order by due.due_at, due.user_id), '[]')
  from (
    select user_id, due_at from public.erasures
    where due_at <= p_at and withdrawn_at is null and erased_at is null
    order by due_at, user_id limit p_limit
  ) as due
$$;
comment on function public.due_erasures is
  'Accounts whose time has come by that instant and that are not erased, longest due first.';

create function public.begin_erasure(p_user_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  kept public.erasures;
begin
  -- Whoever confirms at this moment comes before or after, never beside.
  perform app.locked_user(p_user_id);
  kept := app.locked_erasure(p_user_id);
  if kept.began_at is not null then
    return app.erasure(kept);
  elsif kept.withdrawn_at is not null or kept.due_at > clock_timestamp() then
    perform app.conflict('The account is not to be deleted now.');
  elsif exists (select from app.erasure_hindrances(p_user_id)) then
    perform app.conflict('A registration of the account has to end first.');
  end if;
  -- First of all the way in: whoever logs in from here on is somebody new.
  delete from public.identities where user_id = p_user_id;
  update public.erasures set began_at = clock_timestamp() where user_id = p_user_id
  returning * into kept;
  return app.erasure(kept);
end $$;
comment on function public.begin_erasure is
  'From here on nothing brings the account back (Erasure). Repeatable. PT404; PT409 where it is not '
  'due, was withdrawn, or something has to end first.';

create function app.end_registrations(p_user_id uuid) returns void
language plpgsql set search_path = '' as $$
declare
  kept public.scheduled_registrations;
begin
  for kept in
    select * from public.scheduled_registrations
    where user_id = p_user_id and status in ('draft', 'pending', 'executing', 'needs_review')
    order by id for update
  loop
    update public.scheduled_registrations set status = 'cancelled', version = version + 1
    where id = kept.id;
    perform app.audit(kept.id, 'cancelled',
      jsonb_build_object('from', kept.status, 'by', 'erasure'),
      format('registration-%s/erase/%s', kept.id, kept.version));
  end loop;
end $$;
comment on function app.end_registrations is
  'Ends what has not: drafts; and, in a database that was put back, what somebody who is erased '
  'had under way at the time of the backup.';

create function app.erase_further(p_user_id uuid) returns void
language sql set search_path = '' as $$ select null::void $$;
comment on function app.erase_further is
  'What tables that came later keep of an account. Whoever adds one, or a column of user_profiles, '
  'replaces this function; tests/database/erasing.py says what is missing.';

create function public.erase_rows(p_user_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  kept public.erasures := app.locked_erasure(p_user_id);
  own uuid[];
begin
  if kept.began_at is null then
    perform app.conflict('The erasure has not begun.');
  elsif kept.rows_erased_at is not null then
    return app.erasure(kept);
  end if;
  perform app.end_registrations(p_user_id);
  own := array(select id from public.scheduled_registrations where user_id = p_user_id);
  delete from public.notifications where registration_id = any (own);
  delete from public.operations where registration_id = any (own);
  delete from public.cancellation_wishes where registration_id = any (own);
  delete from public.looks where registration_id = any (own);
  update public.booking_attempts set evidence = null, armed_by = null, requests = '[]'
  where registration_id = any (own);
  update public.reviews set evidence = null where registration_id = any (own);
  update public.alerts set settled_at = clock_timestamp()
  where registration_id = any (own) and settled_at is null;
  update public.scheduled_registrations set summary = app.erased_words(), error_message = null
  where user_id = p_user_id;
  delete from public.identities where user_id = p_user_id;
  delete from public.children where user_id = p_user_id;
  update public.user_profiles set
    stripe_customer_id = null, setup_session_id = null, payment_method_id = null,
    card_brand = null, card_last4 = null, card_exp_month = null, card_exp_year = null,
    subscription_tier = 'free'
  where user_id = p_user_id;
  perform app.erase_further(p_user_id);
  update public.erasures set rows_erased_at = clock_timestamp() where user_id = p_user_id
  returning * into kept;
  return app.erasure(kept);
end $$;
comment on function public.erase_rows is
  'Everything about the account goes, but for whom to write to last; receipts, charges, mandates '
  'and audit trails stay, under ids (Erasure). Repeatable. PT404; PT409 before it has begun.';

create function public.note_erasure_told(p_user_id uuid, p_letter text) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  if p_letter not in ('asked', 'erased') then
    perform app.reject('bad_letter', 'That is not a letter about a deletion.');
  end if;
  perform app.locked_erasure(p_user_id);
  update public.erasures set
    asked_told_at = case when p_letter = 'asked'
      then coalesce(asked_told_at, clock_timestamp()) else asked_told_at end,
    erased_told_at = case when p_letter = 'erased'
      then coalesce(erased_told_at, clock_timestamp()) else erased_told_at end
  where user_id = p_user_id;
  return null;
end $$;
comment on function public.note_erasure_told is
  'That letter went out, or never will. Repeatable. PT404; PT422 bad_letter.';

create function public.finish_erasure(p_user_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  kept public.erasures := app.locked_erasure(p_user_id);
begin
  if kept.rows_erased_at is null then
    perform app.conflict('The rows are not erased yet.');
  end if;
  delete from public.guardians where user_id = p_user_id;
  update public.erasures set erased_at = coalesce(erased_at, clock_timestamp())
  where user_id = p_user_id
  returning * into kept;
  return app.erasure(kept);
end $$;
comment on function public.finish_erasure is
  'Nobody is to be written to any more: the parent goes too, and all is done (Erasure). Repeatable. '
  'PT404; PT409 before the rows are erased.';

create function public.reapply_erasure(p_erasure jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  told constant public.erasures := jsonb_populate_record(null::public.erasures, p_erasure);
  kept public.erasures;
begin
  if not exists (select from public.user_profiles where user_id = told.user_id) then
    return null;
  end if;
  insert into public.erasures as known (
    user_id, asked_at, due_at, withdrawn_at, began_at, asked_told_at, erased_told_at)
  values (
    told.user_id, told.asked_at, told.due_at, told.withdrawn_at, told.began_at,
    told.asked_told_at, told.erased_told_at)
  on conflict (user_id) do update set
    asked_at = excluded.asked_at, due_at = excluded.due_at,
    withdrawn_at = excluded.withdrawn_at, began_at = excluded.began_at,
    asked_told_at = excluded.asked_told_at, erased_told_at = excluded.erased_told_at
  -- What began is not undone, and of two wishes the later one counts.
  where known.began_at is null and known.asked_at <= excluded.asked_at;
  select * into kept from public.erasures where user_id = told.user_id;
  if kept.began_at is not null then
    delete from public.identities where user_id = told.user_id;
  end if;
  if told.erased_at is not null then
    perform public.erase_rows(told.user_id);
    perform public.finish_erasure(told.user_id);
    select * into kept from public.erasures where user_id = told.user_id;
  end if;
  return app.erasure(kept);
end $$;
comment on function public.reapply_erasure is
  'What is known elsewhere of a wish (Erasure) counts here too, in a database that was put back: '
  'who was erased is erased again at once, what was under way goes on the next night. Repeatable; '
  'null where there is no such account.';

alter table public.alerts drop constraint alerts_kind_check;
alter table public.alerts add constraint alerts_kind_check check (kind in (
  'several_bookings', 'ghost_booking', 'booking_gone', 'run_missing', 'review_waiting',
  'fee_unsettled', 'refund_failed', 'mandate_unsigned', 'charge_unexpected',
  'cancellation_open', 'look_unanswered', 'letter_undelivered', 'backup_failed',
  'erasure_waits'));

revoke all on all functions in schema app from public, anon, authenticated, service_role;
grant execute on function app.user_id() to authenticated;
do $$
declare
  called text;
begin
  foreach called in array array[
    'due_erasures', 'begin_erasure', 'erase_rows', 'note_erasure_told', 'finish_erasure',
    'reapply_erasure'
  ] loop
    execute format('revoke all on function public.%I from public, anon, authenticated', called);
    execute format('grant execute on function public.%I to service_role', called);
  end loop;
end $$;
