-- Of two card pages made at the same time the first one stays, so that a finished one is found.

drop function public.save_card_setup(uuid, text);
create function public.save_card_setup(
  p_user_id uuid, p_session_id text, p_instead_of text default null
) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  update public.user_profiles set setup_session_id = p_session_id
  where user_id = p_user_id and setup_session_id is not distinct from p_instead_of;
  return app.profile(p_user_id);
end $$;
comment on function public.save_card_setup is
  'Remember the session in which the parent may save a card, instead of the one known before; '
  'where another was remembered meanwhile, that one stays.';

revoke all on function public.save_card_setup from public, anon, authenticated;
grant execute on function public.save_card_setup to service_role;
