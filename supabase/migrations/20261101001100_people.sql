-- PeopleRecords: users and their families.

create function public.user_for(p_issuer text, p_subject text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  known uuid;
begin
  select user_id into known from public.identities
  where issuer = p_issuer and subject = p_subject;
  if found then
    return to_jsonb(known);
  end if;
  -- First sight, perhaps in two requests at once: the later one waits here and finds the row.
  perform pg_advisory_xact_lock(hashtextextended(p_issuer || ' ' || p_subject, 0));
  select user_id into known from public.identities
  where issuer = p_issuer and subject = p_subject;
  if not found then
    insert into public.user_profiles default values returning user_id into known;
    insert into public.identities (issuer, subject, user_id) values (p_issuer, p_subject, known);
  end if;
  return to_jsonb(known);
end $$;
comment on function public.user_for is
  'The user behind a verified token, created on first sight.';

create function public.get_profile(p_user_id uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select app.profile(p_user_id)
$$;
comment on function public.get_profile is 'The user''s own account. PT404 when unknown.';

create function public.save_guardian(p_user_id uuid, p_guardian jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  perform app.profile(p_user_id);
  insert into public.guardians (user_id, first_name, last_name, email, phone, birth_date)
  values (
    p_user_id, p_guardian ->> 'first_name', p_guardian ->> 'last_name', p_guardian ->> 'email',
    p_guardian ->> 'phone', (p_guardian ->> 'birth_date')::date)
  on conflict (user_id) do update set
    first_name = excluded.first_name, last_name = excluded.last_name, email = excluded.email,
    phone = excluded.phone, birth_date = excluded.birth_date, updated_at = clock_timestamp();
  return app.profile(p_user_id);
exception
  -- Postgres would quote the person's own words in its complaint.
  when check_violation or not_null_violation or data_exception then
    perform app.reject('invalid_guardian', 'The guardian''s details were not accepted.');
end $$;
comment on function public.save_guardian is
  'Keep the parent of the account. PT422 invalid_guardian.';

create function public.list_children(p_user_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  perform app.profile(p_user_id);
  return (
    select coalesce(jsonb_agg(app.child(child) order by child.created_at, child.id), '[]')
    from public.children as child where child.user_id = p_user_id);
end $$;
comment on function public.list_children is
  'The user''s children, in the order they were added. PT404 when the user is unknown.';

create function public.add_child(p_user_id uuid, p_child jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  kept public.children;
begin
  perform app.profile(p_user_id);
  insert into public.children (user_id, first_name, last_name, birth_date)
  values (
    p_user_id, p_child ->> 'first_name', p_child ->> 'last_name',
    (p_child ->> 'birth_date')::date)
  on conflict on constraint children_once do nothing
  returning * into kept;
  if kept.id is null then
    select * into kept from public.children
    where (user_id, first_name, last_name, birth_date) = (
      p_user_id, p_child ->> 'first_name', p_child ->> 'last_name',
      (p_child ->> 'birth_date')::date);
  end if;
  return app.child(kept);
exception
  -- Postgres would quote the child's name in its complaint.
  when check_violation or not_null_violation or data_exception then
    perform app.reject('invalid_child', 'The child''s details were not accepted.');
end $$;
comment on function public.add_child is
  'Add a child; the same name and birth date again returns the child there. PT422 invalid_child.';

create function public.save_customer(p_user_id uuid, p_customer_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  update public.user_profiles set stripe_customer_id = p_customer_id
  where user_id = p_user_id and stripe_customer_id is null;
  return app.profile(p_user_id);
end $$;
comment on function public.save_customer is
  'Keep the payment customer; the first one saved stays.';

create function public.save_card_setup(p_user_id uuid, p_session_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  update public.user_profiles set setup_session_id = p_session_id where user_id = p_user_id;
  return app.profile(p_user_id);
end $$;
comment on function public.save_card_setup is
  'Remember the latest session in which the parent may save a card.';

create function public.save_card(p_user_id uuid, p_session_id text, p_card jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  update public.user_profiles set
    payment_method_id = p_card ->> 'payment_method_id', card_brand = p_card ->> 'brand',
    card_last4 = p_card ->> 'last4', card_exp_month = (p_card ->> 'exp_month')::int,
    card_exp_year = (p_card ->> 'exp_year')::int, setup_session_id = null
  where user_id = p_user_id and setup_session_id = p_session_id;
  return app.profile(p_user_id);
exception
  -- Postgres would quote the row in its complaint.
  when check_violation or not_null_violation or data_exception then
    perform app.reject('invalid_card', 'The card''s details were not accepted.');
end $$;
comment on function public.save_card is
  'Keep the card saved in that session and forget the session, unless another was started. PT422 invalid_card.';
