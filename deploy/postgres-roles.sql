-- Run once by the image, on an empty volume: PostgREST logs in as authenticator.
\set password `echo "$POSTGRES_PASSWORD"`
alter role authenticator with password :'password';
