-- Users and their families. A user is whoever a verified token names; never a mail address.

create table public.user_profiles (
  user_id uuid primary key default gen_random_uuid(),
  stripe_customer_id text unique check (length(stripe_customer_id) <= 255),
  setup_session_id text check (length(setup_session_id) <= 255),
  payment_method_id text check (length(payment_method_id) <= 255),
  card_brand text check (length(card_brand) <= 40),
  card_last4 text check (card_last4 ~ '^[0-9]{4}$'),
  card_exp_month int check (card_exp_month between 1 and 12),
  card_exp_year int check (card_exp_year between 2000 and 2200),
  subscription_tier text not null default 'free' check (subscription_tier ~ '^[a-z_]{1,20}$'),
  created_at timestamptz not null default clock_timestamp(),
  -- A card is kept whole or not at all.
  constraint user_profiles_card_whole check (
    num_nulls(payment_method_id, card_brand, card_last4, card_exp_month, card_exp_year) in (0, 5))
);
comment on table public.user_profiles is
  'One row per user: payment customer, saved card (never its number) and subscription.';

create table public.identities (
  issuer text not null check (length(issuer) between 1 and 500),
  subject text not null check (length(subject) between 1 and 500),
  user_id uuid not null references public.user_profiles,
  created_at timestamptz not null default clock_timestamp(),
  primary key (issuer, subject)
);
create index identities_user on public.identities (user_id);
comment on table public.identities is
  'Which user a token''s issuer and subject mean. Subjects are no uuids, so auth.uid() cannot say.';

create table public.guardians (
  user_id uuid primary key references public.user_profiles,
  first_name text not null check (length(first_name) between 1 and 80),
  last_name text not null check (length(last_name) between 1 and 80),
  email text not null check (length(email) between 3 and 320),
  phone text not null check (length(phone) between 6 and 25),
  birth_date date not null,
  updated_at timestamptz not null default clock_timestamp()
);
comment on table public.guardians is 'The parent of an account, as the provider needs to know them.';

create table public.children (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references public.user_profiles,
  first_name text not null check (length(first_name) between 1 and 80),
  last_name text not null check (length(last_name) between 1 and 80),
  birth_date date not null,
  created_at timestamptz not null default clock_timestamp(),
  -- The same child described again is the child already there.
  constraint children_once unique (user_id, first_name, last_name, birth_date)
);
comment on table public.children is 'The children of an account.';

alter table public.user_profiles enable row level security;
alter table public.identities enable row level security;
alter table public.guardians enable row level security;
alter table public.children enable row level security;

create function app.user_id() returns uuid
language sql stable security definer set search_path = '' as $$
  select known.user_id
  from (select nullif(current_setting('request.jwt.claims', true), '')::jsonb) as token (claims)
  join public.identities as known
    on known.issuer = claims ->> 'iss' and known.subject = claims ->> 'sub'
$$;
comment on function app.user_id is
  'The user of the verified token of this request, by issuer and subject; null when unknown.';
