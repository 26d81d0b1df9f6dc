-- The claim gives each registration its turn: a rank by confirmation, and the first instant that
-- the account's pace allows after those before it.

create function app.queue_rank(p_row public.scheduled_registrations) returns int
language sql stable set search_path = '' as $$
  -- The place among those still there, raised where somebody in front holds a rank from a time
  -- when more were there: ranks stay unique and in the order of confirmation.
  select count(*) + 1 + greatest(0, max(queue_rank - place))
  from (
    select queue_rank, row_number() over (order by queued_at, id) as place
    from public.scheduled_registrations
    where status in ('pending', 'executing')
      and provider = p_row.provider and org_ref = p_row.org_ref
      and scheduled_time = p_row.scheduled_time and (queued_at, id) < (p_row.queued_at, p_row.id)
  ) as ahead
$$;
comment on function app.queue_rank is 'The rank of a row about to be claimed, its account held.';

create function app.account_sends(
  p_row public.scheduled_registrations, p_account public.provider_accounts, p_now timestamptz,
  p_unpaused boolean
) returns table (ahead boolean, opens timestamptz, joined timestamptz, id uuid, sends timestamptz)
language sql stable set search_path = '' as $$
  with counted as (
    select * from public.scheduled_registrations
    where status in ('pending', 'executing')
      and provider = p_row.provider and org_ref = p_row.org_ref
      and scheduled_time > p_row.scheduled_time - interval '10 min'
      and scheduled_time <= p_row.scheduled_time
    union all
    -- All of the last minutes, not only what a bucket holds: since when it has been short decides.
    select * from public.scheduled_registrations
    where provider = p_row.provider and org_ref = p_row.org_ref
      and send_at > p_now - interval '10 min'
      and not (status in ('pending', 'executing')
        and scheduled_time > p_row.scheduled_time - interval '10 min'
        and scheduled_time <= p_row.scheduled_time)
  )
  select
    (scheduled_time, queued_at, id) < (p_row.scheduled_time, p_row.queued_at, p_row.id),
    scheduled_time, queued_at, id,
    case
      -- A pause concerns the openings before its end (domain.pacing.Pause).
      when coalesce(scheduled_time > p_account.paused_until, true) then send_at
      -- While one runs, times are counted as if there were none, and put off at the end.
      when p_unpaused then
        case when pause_reckoned = p_account.paused_until and send_at >= p_account.paused_until
          then p_account.paused_since + (send_at - p_account.paused_until) else send_at end
      -- Otherwise they are counted as they come, put off where the pause met them.
      when send_at >= p_account.paused_since
        and pause_reckoned is distinct from p_account.paused_until
      then p_account.paused_until + (send_at - p_account.paused_since)
      else send_at
    end
  from counted where id <> p_row.id
$$;
comment on function app.account_sends is
  'What the send time of a row depends on: who may come before it in the account''s queue, and '
  'what was or will be sent, with the send times given so far.';

-- The token bucket as one number (GCRA): `empty_until` is when the bucket would be full again.
create function app.next_send(
  p_account public.provider_accounts, p_opens double precision[], p_sends double precision[],
  p_from double precision
) returns double precision
language plpgsql immutable set search_path = '' as $$
declare
  spacing constant double precision := extract(epoch from p_account.spacing);
  refill constant double precision := 1 / p_account.rate_per_second;
  room constant double precision := (p_account.burst - 1) * refill;
  sent double precision;
  latest double precision;
  empty_until double precision;
begin
  -- greatest() passes over nulls: nothing was sent, the bucket is full.
  for place in 1 .. coalesce(cardinality(p_opens), 0) loop
    sent := p_sends[place];
    if sent is null then
      sent := greatest(p_opens[place], latest + spacing, empty_until - room);
    end if;
    latest := greatest(latest, sent);
    empty_until := greatest(empty_until, sent) + refill;
  end loop;
  return greatest(p_from, latest + spacing, empty_until - room);
end $$;
comment on function app.next_send is
  'The first instant from `p_from` on, in seconds, that the pace allows after those before it, '
  'in order: each at its send time, or as early as it may where it has none.';

create function app.send_time(
  p_row public.scheduled_registrations, p_account public.provider_accounts
) returns timestamptz
language plpgsql set search_path = '' as $$
declare
  asked_at constant timestamptz := clock_timestamp();
  unpaused constant boolean := coalesce(
    p_account.paused_until > asked_at and p_account.paused_until >= p_row.scheduled_time, false);
  base constant timestamptz := p_row.scheduled_time;
  since constant timestamptz := p_account.paused_since;
  given timestamptz;
begin
  select base + make_interval(secs => app.next_send(p_account,
      array_agg(extract(epoch from queue.opens - base)::double precision),
      array_agg(extract(epoch from queue.sends - base)::double precision), 0))
  into given
  from (
    select listed.* from app.account_sends(p_row, p_account, asked_at, unpaused) as listed
    where listed.ahead order by listed.opens, listed.joined, listed.id
  ) as queue;
  given := case when unpaused and given >= since
    then p_account.paused_until + (given - since) else given end;
  if given >= asked_at then
    return given;
  end if;
  -- Its turn is over: it goes behind everything that was given a time.
  select base + make_interval(secs => app.next_send(p_account,
      array_agg(extract(epoch from queue.sends - base)::double precision),
      array_agg(extract(epoch from queue.sends - base)::double precision),
      extract(epoch from case when unpaused then least(asked_at, since) else asked_at end - base)
        ::double precision))
  into given
  from (
    select listed.sends from app.account_sends(p_row, p_account, asked_at, unpaused) as listed
    where listed.sends is not null order by listed.sends
  ) as queue;
  return case when unpaused and given >= since
    then p_account.paused_until + (given - since) else given end;
end $$;
comment on function app.send_time is
  'When a row about to be claimed is sent, its account held: domain.pacing, Pace and Pause.';

create or replace function public.claim_registration(p_order jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  op constant text := p_order ->> 'operation_key';
  kept constant public.scheduled_registrations :=
    app.locked((p_order ->> 'registration_id')::uuid);
  answer jsonb := app.first_answer(op, 'claim', kept.id);
  account public.provider_accounts;
  rank int;
  given timestamptz;
  together int;
begin
  if answer is not null then
    return answer;
  end if;
  perform app.expect(kept, array['pending'], (p_order ->> 'expected_version')::int);
  account := app.locked_account(kept.provider, kept.org_ref);
  rank := app.queue_rank(kept);
  given := app.send_time(kept, account);
  select count(*) into together from public.scheduled_registrations as other
  where other.status in ('pending', 'executing')
    and other.provider = kept.provider and other.org_ref = kept.org_ref
    and other.scheduled_time = kept.scheduled_time;
  update public.scheduled_registrations set
    status = 'executing', queue_rank = rank, send_at = given,
    pause_reckoned = account.paused_until, release_asked_at = null, version = version + 1
  where id = kept.id;
  perform app.audit(kept.id, 'claimed',
    jsonb_build_object('send_at', app.instant_text(given), 'rank', rank), op);
  return app.keep_answer(op, 'claim', kept.id, jsonb_build_object(
    'standing', app.standing(kept.id), 'send_at', given, 'rank', rank, 'sharing', together,
    'pause_reckoned', account.paused_until));
end $$;
comment on function public.claim_registration is
  'Pending to executing; answers when to send: in the order of the account''s queue and at its '
  'pace, not before the opening. PT404, PT409.';
