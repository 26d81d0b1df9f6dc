"""The tables of the Bookeo simulator. Times are epoch milliseconds."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS accounts (
  account_id TEXT PRIMARY KEY,
  api_key TEXT NOT NULL UNIQUE,
  secret_key TEXT NOT NULL,
  time_zone TEXT NOT NULL,
  permissions TEXT NOT NULL,
  categories TEXT NOT NULL,
  created_ms REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS products (
  account_id TEXT NOT NULL,
  product_id TEXT NOT NULL,
  seed TEXT NOT NULL,
  PRIMARY KEY (account_id, product_id)
);
CREATE TABLE IF NOT EXISTS events (
  account_id TEXT NOT NULL,
  event_id TEXT NOT NULL,
  product_id TEXT NOT NULL,
  starts_ms REAL NOT NULL,
  ends_ms REAL NOT NULL,
  opens_ms REAL,
  closes_ms REAL NOT NULL,
  capacity INTEGER NOT NULL,
  first_class_event_id TEXT,
  rates TEXT NOT NULL,
  PRIMARY KEY (account_id, event_id)
);
CREATE TABLE IF NOT EXISTS customers (
  account_id TEXT NOT NULL,
  customer_id TEXT NOT NULL,
  document TEXT NOT NULL,
  created_ms REAL NOT NULL,
  clock_ms REAL NOT NULL,
  PRIMARY KEY (account_id, customer_id)
);
CREATE TABLE IF NOT EXISTS people (
  account_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  customer_id TEXT NOT NULL,
  document TEXT NOT NULL,
  created_ms REAL NOT NULL,
  PRIMARY KEY (account_id, person_id)
);
CREATE TABLE IF NOT EXISTS holds (
  account_id TEXT NOT NULL,
  hold_id TEXT NOT NULL,
  event_id TEXT NOT NULL,
  seats INTEGER NOT NULL,
  external_ref TEXT,
  expires_ms REAL NOT NULL,
  released INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (account_id, hold_id)
);
CREATE TABLE IF NOT EXISTS bookings (
  account_id TEXT NOT NULL,
  booking_number TEXT NOT NULL,
  product_id TEXT NOT NULL,
  event_id TEXT NOT NULL,
  customer_id TEXT,
  external_ref TEXT,
  seats INTEGER NOT NULL,
  participants TEXT NOT NULL,
  options TEXT NOT NULL,
  price_cents INTEGER NOT NULL,
  currency TEXT NOT NULL,
  accepted INTEGER NOT NULL,
  canceled INTEGER NOT NULL DEFAULT 0,
  canceled_ms REAL,
  cancel_reason TEXT,
  policy_applied INTEGER NOT NULL DEFAULT 0,
  rival INTEGER NOT NULL DEFAULT 0,
  opens_ms REAL,
  created_ms REAL NOT NULL,
  clock_ms REAL NOT NULL,
  changed_clock_ms REAL NOT NULL,
  PRIMARY KEY (account_id, booking_number)
);
CREATE INDEX IF NOT EXISTS bookings_event ON bookings (account_id, event_id);
CREATE INDEX IF NOT EXISTS bookings_changed ON bookings (account_id, changed_clock_ms);
CREATE TABLE IF NOT EXISTS rivals (
  rule_id INTEGER NOT NULL,
  account_id TEXT NOT NULL,
  event_id TEXT NOT NULL,
  arrived INTEGER NOT NULL,
  PRIMARY KEY (rule_id, account_id, event_id)
);
CREATE TABLE IF NOT EXISTS pages (
  token TEXT PRIMARY KEY,
  account_id TEXT NOT NULL,
  items TEXT NOT NULL,
  per_page INTEGER NOT NULL,
  key TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS webhooks (
  account_id TEXT NOT NULL,
  webhook_id TEXT NOT NULL,
  url TEXT NOT NULL,
  domain TEXT NOT NULL,
  type TEXT NOT NULL,
  PRIMARY KEY (account_id, webhook_id)
);
"""
"""`created_ms` is wall time; `clock_ms` is what the provider's own, perhaps skewed, clock said."""
