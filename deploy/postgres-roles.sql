-- Run once by the image, on an empty volume: PostgREST logs in as authenticator, the worker as
-- signupassist_backup to read for a backup. The migrations grant that role what it reads.
\set password `echo "$POSTGRES_PASSWORD"`
alter role authenticator with password :'password';
\set password `echo "$SUPABASE_BACKUP_PASSWORD"`
create role signupassist_backup login noinherit bypassrls password :'password';
alter role signupassist_backup set default_transaction_read_only = on;
