-- A role for each program, so that whoever steals the web's key cannot do what the worker does.
-- The data API becomes the role that a program's token names. The service role keeps every
-- function: it is the operator's, and that of a project whose keys sign no tokens of ours.

-- Roles belong to the server, not to one database of it: they may be there already, or be made
-- by another database's deploy at this moment.
do $$
declare
  program text;
begin
  foreach program in array array['signupassist_web', 'signupassist_worker'] loop
    begin
      if not exists (select from pg_catalog.pg_roles where rolname = program) then
        execute format('create role %I nologin noinherit', program);
      end if;
    exception when duplicate_object or unique_violation then
      null;
    end;
    if not pg_catalog.pg_has_role('authenticator', program, 'member') then
      execute format('grant %I to authenticator', program);
    end if;
    execute format('grant usage on schema public to %I', program);
  end loop;
end $$;

-- What each program calls, and no more; tests/database/callers.py reads the same from the code.
-- A function added later is granted by its own migration, to the service role and to the role of
-- each program that calls it. One that is dropped and made again has lost its grants.
do $$
declare
  called text;
begin
  foreach called in array array[
    'add_child',
    'audit_trail',
    'cancel_registration',
    'charges_of',
    'draft_registration',
    'find_programs',
    'get_dossier',
    'get_profile',
    'get_program',
    'get_registration',
    'health_report',
    'list_children',
    'list_receipts',
    'list_registrations',
    'ping',
    'revoke_mandate',
    'save_card',
    'save_card_setup',
    'save_customer',
    'save_guardian',
    'user_for'
  ] loop
    execute format('grant execute on function public.%I to signupassist_web', called);
  end loop;
  foreach called in array array[
    'account_pause',
    'ask_release',
    'audit_trail',
    'booking_cancelled',
    'booking_owner',
    'cancel_registration',
    'cancellation_wish',
    'charges_of',
    'claim_registration',
    'close_attempt',
    'close_charge',
    'confirm_registration',
    'drop_wish',
    'due_looks',
    'end_lease',
    'finish_cancellation',
    'get_dossier',
    'get_profile',
    'get_registration',
    'health_report',
    'keep_wish',
    'mark_notification_sent',
    'note_fees_asked',
    'note_look',
    'note_problems',
    'note_runs_checked',
    'note_surplus',
    'noticed_look',
    'open_attempt',
    'open_charge',
    'open_fees',
    'open_refund',
    'orphans',
    'pause_account',
    'raise_alert',
    'record_outcome',
    'renew_lease',
    'reschedule_registration',
    'resolve_review',
    'review_case',
    'revoke_mandate',
    'runs_to_check',
    'save_card',
    'save_card_setup',
    'save_customer',
    'settle_alert',
    'settle_fee',
    'settle_refund',
    'sharing',
    'unmarked',
    'unsent_notifications',
    'wishes_to_check'
  ] loop
    execute format('grant execute on function public.%I to signupassist_worker', called);
  end loop;
end $$;
