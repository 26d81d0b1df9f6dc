-- What may have been sent to the provider, and what may have been charged: both are written
-- down before the send, so that a crash between the two leaves a trace. And the receipt of both.

create table public.booking_attempts (
  registration_id uuid not null references public.scheduled_registrations,
  fence int not null check (fence >= 1),
  send_at timestamptz not null,
  opened_at timestamptz not null default clock_timestamp(),
  closed_at timestamptz,
  outcome text check (outcome in ('released', 'refused', 'nothing_found', 'booked')),
  booking_number text check (length(booking_number) between 1 and 100),
  evidence text check (length(evidence) <= 4000),
  operation_key text not null,
  primary key (registration_id, fence),
  unique (registration_id, operation_key),
  constraint closed_with_outcome check ((closed_at is null) = (outcome is null)),
  constraint number_of_a_booking check (booking_number is null or outcome = 'booked')
);
comment on table public.booking_attempts is
  'Markers: one row per attempt that may have sent a booking request; unclosed means unknown.';

create table public.charges (
  registration_id uuid not null references public.scheduled_registrations,
  number int not null check (number >= 1),
  idempotency_key text not null unique,
  amount_cents int not null check (amount_cents between 0 and 10000000),
  currency char(3) not null check (currency ~ '^[A-Z]{3}$'),
  stripe_customer_id text not null,
  payment_method_id text not null,
  first_sent_at timestamptz not null default clock_timestamp(),
  status text not null default 'frozen' check (status in (
    'frozen', 'succeeded', 'declined', 'requires_action')),
  payment_intent_id text check (length(payment_intent_id) <= 255),
  decline_code text check (length(decline_code) <= 100),
  settled_at timestamptz,
  primary key (registration_id, number),
  constraint settled_with_answer check ((status = 'frozen') = (settled_at is null))
);
comment on table public.charges is
  'Charges of the success fee, with key and parameters frozen before the first send.';
-- At most one charge of a registration can ever take money: one undecided, one succeeded.
create unique index charges_one_undecided on public.charges (registration_id)
  where status = 'frozen';
create unique index charges_one_succeeded on public.charges (registration_id)
  where status = 'succeeded';

create table public.registrations (
  receipt_code text primary key check (app.is_code(receipt_code, 'REG-')),
  scheduled_registration_id uuid not null unique references public.scheduled_registrations,
  user_id uuid not null references public.user_profiles,
  -- As it was when booked: a receipt does not change with the catalogue.
  program_name text not null,
  organisation text not null,
  provider text not null,
  booking_number text not null check (length(booking_number) between 1 and 100),
  price_cents int check (price_cents between 0 and 10000000),
  success_fee_cents int not null check (success_fee_cents between 0 and 10000000),
  currency char(3) not null check (currency ~ '^[A-Z]{3}$'),
  fee_status text not null check (fee_status in ('due', 'requires_action', 'paid', 'refunded')),
  first_request_at timestamptz,
  lateness_ms int check (lateness_ms >= 0),
  queue_delay_ms int check (queue_delay_ms >= 0),
  issued_at timestamptz not null default clock_timestamp(),
  constraint one_receipt_per_booking unique (provider, booking_number)
);
comment on table public.registrations is 'Receipts: one per registration, and one per booking.';
comment on column public.registrations.success_fee_cents is
  'From the charge row where there is one, never from a payload.';
create index registrations_user on public.registrations (user_id, issued_at desc);

alter table public.booking_attempts enable row level security;
alter table public.charges enable row level security;
alter table public.registrations enable row level security;

create function app.keep_charge_frozen() returns trigger
language plpgsql set search_path = '' as $$
begin
  if (new.registration_id, new.number, new.idempotency_key, new.amount_cents, new.currency,
      new.stripe_customer_id, new.payment_method_id, new.first_sent_at)
    is distinct from
     (old.registration_id, old.number, old.idempotency_key, old.amount_cents, old.currency,
      old.stripe_customer_id, old.payment_method_id, old.first_sent_at)
  then
    perform app.reject('charge_frozen', 'The parameters of a charge cannot be changed.');
  end if;
  return new;
end $$;
comment on function app.keep_charge_frozen is
  'Trigger: the key and the parameters of a charge stay as first sent; drift would charge twice.';

create trigger charges_keep_frozen before update on public.charges
  for each row execute function app.keep_charge_frozen();
