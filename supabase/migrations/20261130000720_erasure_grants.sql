-- Parents ask for it at the web; the worker carries it out.

do $$
declare
  called text;
begin
  foreach called in array array['erasure_case', 'ask_erasure', 'withdraw_erasure'] loop
    execute format('grant execute on function public.%I to signupassist_web', called);
  end loop;
  foreach called in array array[
    'erasure_case', 'due_erasures', 'begin_erasure', 'erase_rows', 'note_erasure_told',
    'finish_erasure', 'list_registrations', 'list_children'
  ] loop
    execute format('grant execute on function public.%I to signupassist_worker', called);
  end loop;
end $$;
