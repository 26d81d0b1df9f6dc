"""The Supabase-compatible data API of the sandbox: a Node program on the sandbox's Postgres."""
