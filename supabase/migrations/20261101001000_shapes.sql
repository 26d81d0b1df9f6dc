-- Rows in the JSON shapes of the domain's models: the one place that spells their fields.

create function app.profile(p_user_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  answer jsonb;
begin
  select jsonb_build_object(
    'user_id', known.user_id,
    'guardian', app.guardian(known.user_id),
    'stripe_customer_id', known.stripe_customer_id,
    'setup_session_id', known.setup_session_id,
    'card', app.card(known))
  into answer
  from public.user_profiles as known where known.user_id = p_user_id;
  if answer is null then
    perform app.missing('user');
  end if;
  return answer;
end $$;
comment on function app.profile is 'Shape of Profile. Refuses an unknown user.';

create function app.guardian(p_user_id uuid) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'first_name', first_name, 'last_name', last_name, 'email', email, 'phone', phone,
    'birth_date', birth_date)
  from public.guardians where user_id = p_user_id
$$;
comment on function app.guardian is 'Shape of Guardian; null while none is saved.';

create function app.card(p_profile public.user_profiles) returns jsonb
language sql immutable set search_path = '' as $$
  select case when p_profile.payment_method_id is not null then jsonb_build_object(
    'payment_method_id', p_profile.payment_method_id, 'brand', p_profile.card_brand,
    'last4', p_profile.card_last4, 'exp_month', p_profile.card_exp_month,
    'exp_year', p_profile.card_exp_year) end
$$;
comment on function app.card is 'Shape of Card; null while none is saved.';

create function app.child(p_child public.children) returns jsonb
language sql immutable set search_path = '' as $$
  select jsonb_build_object(
    'id', p_child.id, 'first_name', p_child.first_name, 'last_name', p_child.last_name,
    'birth_date', p_child.birth_date)
$$;
comment on function app.child is 'Shape of Child.';

create function app.program(p_program public.programs) returns jsonb
language sql stable set search_path = '' as $$
  select to_jsonb(p_program) - 'updated_at'
$$;
comment on function app.program is 'Shape of Program.';

create function app.found_program(p_program public.programs) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object('program', app.program(p_program), 'organisation', account.name)
  from public.provider_accounts as account
  where (account.provider, account.org_ref) = (p_program.provider, p_program.org_ref)
$$;
comment on function app.found_program is 'Shape of FoundProgram.';

create function app.registration(p_row public.scheduled_registrations) returns jsonb
language sql stable set search_path = '' as $$
  select to_jsonb(p_row) || jsonb_build_object('receipt_code', (
    select receipt_code from public.registrations where scheduled_registration_id = p_row.id))
$$;
comment on function app.registration is 'Shape of Registration, with the code of its receipt.';

create function app.standing(p_registration_id uuid) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'status', kept.status, 'fee_status', kept.fee_status, 'version', kept.version,
    'scheduled_time', kept.scheduled_time, 'audit_head', kept.audit_head,
    'receipt_code', receipt.receipt_code)
  from public.scheduled_registrations as kept
  left join public.registrations as receipt on receipt.scheduled_registration_id = kept.id
  where kept.id = p_registration_id
$$;
comment on function app.standing is 'Shape of Standing: where the row stands after a transition.';

create function app.mandate(p_registration_id uuid) returns jsonb
language sql stable set search_path = '' as $$
  select to_jsonb(kept) from public.mandates as kept where kept.registration_id = p_registration_id
$$;
comment on function app.mandate is 'Shape of Mandate; null before the confirm.';

create function app.receipt(p_receipt public.registrations) returns jsonb
language sql stable set search_path = '' as $$
  select to_jsonb(p_receipt) - 'user_id' - 'provider' || jsonb_build_object('code', booked.code)
  from public.scheduled_registrations as booked
  where booked.id = p_receipt.scheduled_registration_id
$$;
comment on function app.receipt is 'Shape of Receipt.';

create function app.marker(p_attempt public.booking_attempts) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'fence', p_attempt.fence, 'send_at', p_attempt.send_at, 'opened_at', p_attempt.opened_at)
$$;
comment on function app.marker is 'Shape of Marker.';

create function app.charge(p_charge public.charges) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'registration_id', p_charge.registration_id, 'number', p_charge.number,
    'idempotency_key', p_charge.idempotency_key,
    'amount', jsonb_build_object(
      'amount_cents', p_charge.amount_cents, 'currency', p_charge.currency),
    'customer_id', p_charge.stripe_customer_id,
    'payment_method_id', p_charge.payment_method_id, 'first_sent_at', p_charge.first_sent_at)
$$;
comment on function app.charge is 'Shape of FrozenCharge.';

create function app.rivals(p_registration_id uuid) returns jsonb
language sql stable set search_path = '' as $$
  select coalesce(jsonb_agg(
    jsonb_build_object('child_id', theirs.child_id, 'code', rival.code)
    order by ours.position, rival.code), '[]')
  from public.registration_children as ours
  join public.registration_children as theirs
    on (theirs.child_id, theirs.provider, theirs.org_ref, theirs.program_ref, theirs.event_id)
     = (ours.child_id, ours.provider, ours.org_ref, ours.program_ref, ours.event_id)
    and theirs.live and theirs.registration_id <> ours.registration_id
  join public.scheduled_registrations as rival on rival.id = theirs.registration_id
  where ours.registration_id = p_registration_id
$$;
comment on function app.rivals is
  'Shapes of Rival: other live registrations of the same children for the same event.';

create function app.dossier(p_registration_id uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  answer jsonb;
begin
  select jsonb_build_object(
    'registration', app.registration(kept),
    'program', app.program(program),
    'account', to_jsonb(account) - 'updated_at',
    'guardian', app.guardian(kept.user_id),
    'children', (
      select coalesce(jsonb_agg(app.child(child) order by named.position), '[]')
      from public.registration_children as named
      join public.children as child on child.id = named.child_id
      where named.registration_id = kept.id),
    'stripe_customer_id', known.stripe_customer_id,
    'card', app.card(known),
    'mandate', app.mandate(kept.id),
    'rivals', app.rivals(kept.id))
  into answer
  from public.scheduled_registrations as kept
  join public.programs as program on program.id = kept.program_id
  join public.provider_accounts as account
    on (account.provider, account.org_ref) = (kept.provider, kept.org_ref)
  join public.user_profiles as known on known.user_id = kept.user_id
  where kept.id = p_registration_id;
  if answer is null then
    perform app.missing('registration');
  end if;
  return answer;
end $$;
comment on function app.dossier is
  'Shape of Dossier: everything one registration''s steps read. Refuses an unknown one.';
