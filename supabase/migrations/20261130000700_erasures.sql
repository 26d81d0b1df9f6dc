-- Wishes to have an account deleted, and what became of each. A copy of every row lies beside the
-- backups, so that a database put back from one does not bring anybody back.

create table public.erasures (
  user_id uuid primary key references public.user_profiles,
  asked_at timestamptz not null,
  due_at timestamptz not null,
  withdrawn_at timestamptz,
  began_at timestamptz,
  rows_erased_at timestamptz,
  erased_at timestamptz,
  asked_told_at timestamptz,
  erased_told_at timestamptz,
  constraint erasures_due_later check (due_at >= asked_at),
  constraint erasures_begun_or_withdrawn check (num_nulls(withdrawn_at, began_at) >= 1),
  constraint erasures_in_order check (
    (rows_erased_at is null or began_at is not null)
    and (erased_at is null or rows_erased_at is not null))
);
comment on table public.erasures is
  'One row an account that ever asked to be deleted. Ids and instants, nothing personal.';
comment on column public.erasures.began_at is
  'From here on nothing brings the account back, and nobody gets into it.';
create index erasures_due on public.erasures (due_at)
  where withdrawn_at is null and erased_at is null;
alter table public.erasures enable row level security;

-- A receipt goes on saying for which children it was, by ids that then lead to nobody.
alter table public.registration_children drop constraint registration_children_child_id_fkey;

create function app.erasure(p_row public.erasures) returns jsonb
language sql stable set search_path = '' as $$ select to_jsonb(p_row) $$;
comment on function app.erasure is 'Shape of domain.erasures.Erasure.';

create function app.is_erased(p_user_id uuid) returns boolean
language sql stable set search_path = '' as $$
  select exists (
    select from public.erasures where user_id = p_user_id and began_at is not null)
$$;
comment on function app.is_erased is 'Whether the account is erased, or being erased.';

create function app.locked_user(p_user_id uuid) returns void
language plpgsql set search_path = '' as $$
begin
  perform from public.user_profiles where user_id = p_user_id for no key update;
  if not found then
    perform app.missing('user');
  end if;
end $$;
comment on function app.locked_user is 'Holds the account to the end of the transaction.';

create function app.refuse_the_erased() returns trigger
language plpgsql set search_path = '' as $$
begin
  if app.is_erased(new.user_id) then
    perform app.missing('user');
  end if;
  return new;
end $$;
comment on function app.refuse_the_erased is
  'Trigger: into an account that is erased, or being erased, nobody comes any more.';

create trigger guardians_not_of_the_erased before insert on public.guardians
  for each row execute function app.refuse_the_erased();
create trigger children_not_of_the_erased before insert on public.children
  for each row execute function app.refuse_the_erased();
create trigger profiles_not_of_the_erased
  before update of stripe_customer_id, setup_session_id, payment_method_id
  on public.user_profiles for each row
  when (num_nonnulls(new.stripe_customer_id, new.setup_session_id, new.payment_method_id) > 0)
  execute function app.refuse_the_erased();

create function app.refuse_new_plans() returns trigger
language plpgsql set search_path = '' as $$
declare
  wish public.erasures;
begin
  -- Whoever asks at this moment waits for this, and this for them.
  perform from public.user_profiles where user_id = new.user_id for share;
  select * into wish from public.erasures where user_id = new.user_id and withdrawn_at is null;
  if not found then
    return new;
  elsif wish.began_at is not null then
    perform app.missing('user');
  elsif tg_op = 'INSERT' or old.status = 'draft' or new.scheduled_time > wish.due_at then
    perform app.reject('deletion_asked', 'The account is to be deleted.');
  end if;
  return new;
end $$;
comment on function app.refuse_new_plans is
  'Trigger: an account that is to be deleted drafts and confirms nothing new, and moves nothing '
  'past that day. What it had confirmed goes on.';

create trigger registrations_not_drafted before insert on public.scheduled_registrations
  for each row execute function app.refuse_new_plans();
create trigger registrations_not_planned
  before update of status, scheduled_time on public.scheduled_registrations for each row
  when (new.status = 'pending'
    and (old.status = 'draft' or new.scheduled_time is distinct from old.scheduled_time))
  execute function app.refuse_new_plans();

create function app.write_to_nobody() returns trigger
language plpgsql set search_path = '' as $$
begin
  if (select app.is_erased(user_id) from public.scheduled_registrations
      where id = new.registration_id) then
    return null;
  end if;
  return new;
end $$;
comment on function app.write_to_nobody is 'Trigger: there is nobody to write to any more.';

create trigger notifications_not_of_the_erased before insert on public.notifications
  for each row execute function app.write_to_nobody();

create function app.erasure_hindrances(p_user_id uuid)
returns table (registration_id uuid, code text, because text)
language sql stable set search_path = '' as $$
  select kept.id, kept.code, found.because
  from public.scheduled_registrations as kept
  left join public.registrations as receipt on receipt.scheduled_registration_id = kept.id
  cross join lateral (select case
    when kept.status in ('pending', 'executing') then 'under_way'
    when kept.status = 'needs_review' then 'under_review'
    when exists (
      select from public.charges
      where registration_id = kept.id and status in ('frozen', 'requires_action'))
    then 'charge_undecided'
    -- For so long, and a day, its run waits for it.
    when kept.fee_status in ('due', 'requires_action')
      and receipt.issued_at > clock_timestamp() - interval '31 days'
    then 'fee_due'
    when exists (
      select from public.refunds
      where registration_id = kept.id and status in ('frozen', 'pending'))
    then 'refund_unsettled'
    when kept.status = 'completed' and exists (
      select from public.cancellation_wishes where registration_id = kept.id)
    then 'cancellation_open'
    -- Of the looks the last is after twelve hours.
    when exists (
      select from public.looks
      where registration_id = kept.id and not done
        and marked_at > clock_timestamp() - interval '36 hours')
    then 'looked_at_again'
  end as because) as found
  where kept.user_id = p_user_id and found.because is not null
  order by kept.created_at, kept.id
$$;
comment on function app.erasure_hindrances is
  'Registrations of an account that have to end first (WaitsFor): a place or money would be lost.';

create function public.erasure_case(p_user_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  if not exists (select from public.user_profiles where user_id = p_user_id) then
    perform app.missing('user');
  end if;
  return jsonb_build_object(
    'erasure', (select app.erasure(wish) from public.erasures as wish where user_id = p_user_id),
    'under_way', (
      select coalesce(jsonb_agg(jsonb_build_object(
          'registration_id', id, 'code', code, 'scheduled_time', scheduled_time)
        order by scheduled_time, id), '[]')
      from public.scheduled_registrations
      where user_id = p_user_id and status in ('pending', 'executing')),
    'waits_for', (
      select coalesce(jsonb_agg(to_jsonb(hindrance)), '[]')
      from app.erasure_hindrances(p_user_id) as hindrance));
end $$;
comment on function public.erasure_case is
  'The account as far as its deletion goes (ErasureCase). PT404 when unknown.';

create function public.ask_erasure(p_user_id uuid, p_grace interval) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  asked constant timestamptz := clock_timestamp();
  kept public.erasures;
begin
  perform app.locked_user(p_user_id);
  select * into kept from public.erasures where user_id = p_user_id;
  if kept.began_at is not null then
    perform app.missing('user');
  elsif kept.user_id is not null and kept.withdrawn_at is null then
    return app.erasure(kept);
  elsif exists (
    select from public.scheduled_registrations
    where user_id = p_user_id and status in ('pending', 'executing')
      and scheduled_time > asked + p_grace)
  then
    perform app.conflict('A registration opens after that.');
  end if;
  insert into public.erasures (user_id, asked_at, due_at)
  values (p_user_id, asked, asked + p_grace)
  on conflict (user_id) do update set
    asked_at = excluded.asked_at, due_at = excluded.due_at, withdrawn_at = null,
    asked_told_at = null
  returning * into kept;
  return app.erasure(kept);
end $$;
comment on function public.ask_erasure is
  'The account is to be deleted after that time (Erasure); asked again, the first wish stays. PT404; '
  'PT409 while a registration opens later than that.';

create function public.withdraw_erasure(p_user_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  kept public.erasures;
begin
  perform app.locked_user(p_user_id);
  select * into kept from public.erasures where user_id = p_user_id;
  if kept.user_id is null or kept.began_at is not null then
    perform app.missing('wish');
  end if;
  update public.erasures set withdrawn_at = coalesce(withdrawn_at, clock_timestamp())
  where user_id = p_user_id
  returning * into kept;
  return app.erasure(kept);
end $$;
comment on function public.withdraw_erasure is
  'The account is kept (Erasure). Repeatable. PT404 where nobody asked, or once it has begun.';

revoke all on public.erasures from public, anon, authenticated, service_role;
revoke all on all functions in schema app from public, anon, authenticated, service_role;
grant execute on function app.user_id() to authenticated;
do $$
declare
  called text;
begin
  foreach called in array array['erasure_case', 'ask_erasure', 'withdraw_erasure'] loop
    execute format('revoke all on function public.%I from public, anon, authenticated', called);
    execute format('grant execute on function public.%I to service_role', called);
  end loop;
end $$;
