-- What the conformance suite works on. A plain migration: hosted Supabase takes it as it is.
create table public.scheduled_registrations (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null,
  status text not null default 'pending'
    check (status in ('pending','claimed','running','succeeded','failed','cancelled')),
  scheduled_time timestamptz not null,
  payload jsonb not null default '{}'::jsonb,
  version int not null default 1,
  updated_at timestamptz not null default now()
);
create table public.registrations (
  id uuid primary key default gen_random_uuid(),
  scheduled_registration_id uuid not null unique references public.scheduled_registrations(id),
  receipt_code text not null unique,
  created_at timestamptz not null default now()
);
create table public.audit_events (
  id bigint generated always as identity primary key,
  scheduled_registration_id uuid not null,
  kind text not null,
  detail jsonb not null default '{}'::jsonb,
  at timestamptz not null default now()
);
create function public.audit_events_block() returns trigger language plpgsql as $$
begin
  raise exception 'audit_events is append-only' using errcode = 'AE001';
end $$;
create trigger audit_events_no_change before update or delete on public.audit_events
  for each row execute function public.audit_events_block();
create trigger audit_events_no_truncate before truncate on public.audit_events
  for each statement execute function public.audit_events_block();

create function public.transition(p_id uuid, p_from text, p_to text, p_version int, p_detail jsonb default '{}')
returns public.scheduled_registrations language plpgsql security invoker set search_path = '' as $$
declare r public.scheduled_registrations;
begin
  update public.scheduled_registrations
     set status = p_to, version = version + 1, updated_at = now()
   where id = p_id and status = p_from and version = p_version
  returning * into r;
  if not found then
    raise exception 'transition conflict for %', p_id
      using errcode = 'RC409', detail = format('expected %s/v%s', p_from, p_version), hint = 'reload and retry';
  end if;
  insert into public.audit_events(scheduled_registration_id, kind, detail)
  values (p_id, 'transition', p_detail || jsonb_build_object('from', p_from, 'to', p_to, 'version', r.version));
  return r;
end $$;
create function public.stats() returns jsonb language sql stable set search_path = '' as $$
  select coalesce(jsonb_object_agg(status, n), '{}'::jsonb)
  from (select status, count(*) n from public.scheduled_registrations group by status) s
$$;

alter table public.scheduled_registrations enable row level security;
alter table public.registrations enable row level security;
alter table public.audit_events enable row level security;
create policy own_select on public.scheduled_registrations for select to authenticated
  using ((select auth.uid()) = user_id);
create policy own_reg on public.registrations for select to authenticated
  using (exists (select 1 from public.scheduled_registrations s where s.id = scheduled_registration_id and s.user_id = (select auth.uid())));
-- Named roles too: default privileges grant to them directly, not through public.
revoke execute on function public.transition(uuid, text, text, int, jsonb)
  from public, anon, authenticated;
revoke execute on function public.stats() from public, anon, authenticated;
grant execute on function public.transition(uuid, text, text, int, jsonb) to service_role;
grant execute on function public.stats() to service_role;
