-- The queue of a provider account: by opening, then by confirmation.

alter table public.scheduled_registrations
  add column queued_at timestamptz,
  add column queue_rank int check (queue_rank >= 1),
  add column send_at timestamptz,
  add column pause_reckoned timestamptz,
  add column release_asked_at timestamptz;
comment on column public.scheduled_registrations.queued_at is
  'When it joined the queue of its opening: at the confirm, and again when it moved.';
comment on column public.scheduled_registrations.queue_rank is
  'Its place when claimed; unique among those of one account and opening that are under way.';
comment on column public.scheduled_registrations.send_at is 'When it is sent; given by the claim.';
comment on column public.scheduled_registrations.pause_reckoned is
  'The end of the account''s latest pause that the claim knew of: what was claimed before a pause '
  'is put off by whoever sends it.';
comment on column public.scheduled_registrations.release_asked_at is
  'Since when somebody wants it back from the process that armed it.';

update public.scheduled_registrations set queued_at = confirmed_at where confirmed_at is not null;

create index scheduled_registrations_queue
  on public.scheduled_registrations (provider, org_ref, scheduled_time, queued_at, id)
  where status in ('pending', 'executing');
create index scheduled_registrations_sends
  on public.scheduled_registrations (provider, org_ref, send_at) where send_at is not null;
create index scheduled_registrations_release
  on public.scheduled_registrations (id) where release_asked_at is not null;

create function app.keep_queue() returns trigger
language plpgsql set search_path = '' as $$
begin
  if new.status = 'pending' then
    -- One joins after the other, so that nobody ever appears in front of who was counted.
    perform app.locked_account(new.provider, new.org_ref);
    update public.scheduled_registrations set
      queued_at = clock_timestamp(), queue_rank = null, send_at = null, pause_reckoned = null,
      release_asked_at = null
    where id = new.id;
  elsif new.status = 'cancelled' and old.status <> 'completed' then
    update public.scheduled_registrations set
      queue_rank = null, send_at = null, pause_reckoned = null, release_asked_at = null
    where id = new.id and (send_at is not null or release_asked_at is not null);
  else
    update public.scheduled_registrations set release_asked_at = null
    where id = new.id and release_asked_at is not null;
  end if;
  return null;
end $$;
comment on function app.keep_queue is
  'Trigger: who is confirmed or moves queues at the end; who is cancelled gives its place back; '
  'a wish to have it back ends with any change.';

-- Named to run after registrations_children_live: the account is held last.
create trigger registrations_queue
  after update of status, scheduled_time on public.scheduled_registrations
  for each row when (
    new.status <> 'executing'
    and (old.status, old.scheduled_time) is distinct from (new.status, new.scheduled_time))
  execute function app.keep_queue();

create function app.placed(
  p_row public.scheduled_registrations, p_place bigint, p_length bigint
) returns jsonb
language sql stable set search_path = '' as $$
  select to_jsonb(p_row) - array['queued_at', 'queue_rank', 'pause_reckoned', 'release_asked_at']
    || jsonb_build_object(
      'receipt_code', (
        select receipt_code from public.registrations
        where scheduled_registration_id = p_row.id),
      'queue_place', p_place, 'queue_length', p_length)
$$;
comment on function app.placed is 'Shape of Registration, its place in the queue being known.';

create or replace function app.registration(p_row public.scheduled_registrations) returns jsonb
language sql stable set search_path = '' as $$
  select app.placed(p_row, nullif(queue.place, 0), nullif(queue.length, 0))
  from (
    select
      count(*) filter (where (queued_at, id) <= (p_row.queued_at, p_row.id)) as place,
      count(*) as length
    from public.scheduled_registrations
    where p_row.status in ('pending', 'executing') and status in ('pending', 'executing')
      and provider = p_row.provider and org_ref = p_row.org_ref
      and scheduled_time = p_row.scheduled_time
  ) as queue
$$;
comment on function app.registration is
  'Shape of Registration, with the code of its receipt and its place in the queue.';

-- Each queue is counted once, however many of it are listed.
create or replace function public.list_all_registrations(p_limit int, p_status text) returns jsonb
language sql stable security definer set search_path = '' as $$
  with listed as (
    select * from public.scheduled_registrations where p_status is null or status = p_status
    order by scheduled_time, id limit greatest(p_limit, 0)
  ), queue as (
    select id,
      row_number() over (
        partition by provider, org_ref, scheduled_time order by queued_at, id) as place,
      count(*) over (partition by provider, org_ref, scheduled_time) as length
    from public.scheduled_registrations
    where status in ('pending', 'executing') and (provider, org_ref, scheduled_time) in (
      select provider, org_ref, scheduled_time from listed where status in ('pending', 'executing'))
  )
  select coalesce(
    jsonb_agg(app.placed(listed.*::public.scheduled_registrations, queue.place, queue.length)
      order by listed.scheduled_time, listed.id), '[]')
  from listed left join queue using (id)
$$;

create function public.sharing(p_scheduled_time timestamptz) returns jsonb
language sql stable security definer set search_path = '' as $$
  select to_jsonb(count(*)) from public.scheduled_registrations
  where status in ('pending', 'executing') and scheduled_time = p_scheduled_time
$$;
comment on function public.sharing is
  'How many registrations are pending or executing for that instant, of every account.';
