-- A letter that the mail server took and could not deliver comes back to the sender's address.

alter table public.notifications drop constraint notifications_refusal_check;
alter table public.notifications add constraint notifications_refusal_check
  check (refusal in ('refused', 'given_up', 'bounced'));
comment on column public.notifications.refusal is
  'Why it is sent no more: the mail server refused it for good, every try was in vain, or it came '
  'back after it was sent.';

create function public.note_bounce(p_message_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  named constant text[] := regexp_match(
    p_message_id, '^<?([a-z_]+)\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.([A-Za-z0-9-]+)@signupassist>?$');
  kept public.notifications;
begin
  update public.notifications
  set refused_at = coalesce(refused_at, clock_timestamp()), refusal = coalesce(refusal, 'bounced')
  where kind = named[1] and registration_id = named[2]::uuid and period = named[3]
  returning * into kept;
  if not found then
    return null;
  end if;
  return (
    select jsonb_build_object(
      'notification', app.letter(kept), 'code', about.code, 'tries', kept.tries)
    from public.scheduled_registrations as about where about.id = kept.registration_id);
end $$;
comment on function public.note_bounce is
  'The letter of that Message-ID came back (Undelivered); null where none has it. Repeatable; the '
  'first cause said stays.';

revoke all on function public.note_bounce(text) from public, anon, authenticated;
grant execute on function public.note_bounce(text) to service_role;
