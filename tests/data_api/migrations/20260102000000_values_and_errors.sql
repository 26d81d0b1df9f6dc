-- Functions that hand values through unchanged, and functions that raise what they are told.
create function public.described(
  p_object jsonb default null, p_json json default null, p_texts text[] default null,
  p_ids uuid[] default null, p_moment timestamptz default null, p_flag boolean default null,
  p_big bigint default null, p_text text default null
) returns jsonb language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'object', p_object, 'object_type', jsonb_typeof(p_object),
    'json', p_json, 'json_type', json_typeof(p_json),
    'texts', to_jsonb(p_texts), 'ids', to_jsonb(p_ids), 'moment', p_moment,
    'flag', p_flag, 'big', p_big, 'text', p_text)
$$;

create function public.answer() returns int language sql stable set search_path = '' as $$
  select 42
$$;

create function public.nothing() returns void language sql set search_path = '' as $$
  select null::void
$$;

create function public.moments() returns table (number int, at timestamptz)
language sql stable set search_path = '' as $$
  select 1, timestamptz '2026-01-01T00:00:00.5Z'
$$;

create function public.due(p_user uuid, p_limit int) returns setof public.scheduled_registrations
language sql stable set search_path = '' as $$
  select * from public.scheduled_registrations
   where user_id = p_user order by scheduled_time limit p_limit
$$;

create function public.raised(p_sqlstate text) returns int
language plpgsql set search_path = '' as $$
begin
  raise exception 'boom %', p_sqlstate using errcode = p_sqlstate, detail = 'd', hint = 'h';
end $$;

-- Who the data API says is asking.
create function public.asking() returns jsonb language sql stable set search_path = '' as $$
  select auth.jwt() || jsonb_build_object('database_role', current_user, 'login_role', session_user)
$$;
