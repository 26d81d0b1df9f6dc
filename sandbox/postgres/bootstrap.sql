-- What hosted Supabase has before the first migration: roles, the schema auth, default privileges.
-- Run by the superuser at every start, so that every statement may be repeated.
do $$
begin
  if not exists (select from pg_roles where rolname = 'anon') then
    create role anon nologin noinherit;
  end if;
  if not exists (select from pg_roles where rolname = 'authenticated') then
    create role authenticated nologin noinherit;
  end if;
  if not exists (select from pg_roles where rolname = 'service_role') then
    create role service_role nologin noinherit bypassrls;
  end if;
  if not exists (select from pg_roles where rolname = 'authenticator') then
    create role authenticator login noinherit;
  end if;
  if not exists (select from pg_roles where rolname = 'postgres') then
    create role postgres login createrole createdb bypassrls;
  end if;
end $$;

-- The data API logs in as authenticator and becomes one of the three for each request. It inherits
-- them too: it reads the schema before any request, and sees only what it may use itself.
grant anon, authenticated, service_role to authenticator with inherit true, set true;
grant anon, authenticated, service_role to postgres with admin option;
alter database postgres owner to postgres;
alter schema public owner to postgres;
-- As on hosted Supabase: restores and test resets switch triggers off for one session.
grant set on parameter session_replication_role to postgres;
alter role anon set statement_timeout = '3s';
alter role authenticated set statement_timeout = '8s';
alter role authenticator set statement_timeout = '8s';

create schema if not exists auth authorization postgres;
create schema if not exists extensions authorization postgres;
grant usage on schema auth, extensions, public to anon, authenticated, service_role;

-- Hosted Supabase keeps its own users here. Ours come from another issuer, so it stays empty; the
-- data API looks a token's subject up in it all the same.
create table if not exists auth.users (id uuid primary key);
grant select on auth.users to authenticator;

create or replace function auth.jwt() returns jsonb
language sql stable set search_path = '' as $$
  select coalesce(nullif(current_setting('request.jwt.claims', true), '')::jsonb, '{}'::jsonb)
$$;
create or replace function auth.uid() returns uuid
language sql stable set search_path = '' as $$
  select nullif(
    coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''), auth.jwt() ->> 'sub'), ''
  )::uuid
$$;
create or replace function auth.role() returns text
language sql stable set search_path = '' as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.role', true), ''), auth.jwt() ->> 'role'
  )
$$;

alter default privileges for role postgres in schema public
  grant all on tables to anon, authenticated, service_role;
alter default privileges for role postgres in schema public
  grant all on sequences to anon, authenticated, service_role;
alter default privileges for role postgres in schema public
  grant execute on functions to anon, authenticated, service_role;
