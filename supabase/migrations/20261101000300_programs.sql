-- What can be booked, and at which account of which provider.

create table public.provider_accounts (
  provider text not null check (length(provider) between 1 and 40),
  org_ref text not null check (org_ref ~ '^[A-Za-z0-9._:-]{1,100}$'),
  name text not null check (length(name) between 1 and 200),
  credentials_ref text not null default 'default' check (length(credentials_ref) between 1 and 100),
  updated_at timestamptz not null default clock_timestamp(),
  primary key (provider, org_ref)
);
comment on table public.provider_accounts is 'One business at a booking provider.';
comment on column public.provider_accounts.credentials_ref is
  'Which configured key opens the account. The keys themselves are never stored.';

create table public.programs (
  id uuid primary key,
  provider text not null,
  org_ref text not null,
  program_ref text not null check (program_ref ~ '^[A-Za-z0-9._:-]{1,100}$'),
  event_id text not null check (event_id ~ '^[A-Za-z0-9._:-]{1,100}$'),
  name text not null check (length(name) between 1 and 300),
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  time_zone text not null check (length(time_zone) between 1 and 100),
  opens_at timestamptz,
  opening_source text not null check (opening_source in ('provider_page', 'operator', 'parent')),
  price_cents int not null check (price_cents between 0 and 10000000),
  currency char(3) not null check (currency ~ '^[A-Z]{3}$'),
  people_category text not null check (length(people_category) between 1 and 100),
  updated_at timestamptz not null default clock_timestamp(),
  foreign key (provider, org_ref) references public.provider_accounts,
  constraint programs_event unique (provider, org_ref, program_ref, event_id),
  constraint programs_span check (starts_at <= ends_at)
);
comment on table public.programs is 'One event of one account, with what is known of its opening.';
comment on column public.programs.price_cents is 'Per child, in minor units.';
-- find_programs asks for what has not begun; the catalogue keeps what has.
create index programs_starts on public.programs (starts_at);

alter table public.provider_accounts enable row level security;
alter table public.programs enable row level security;
