"""The Stripe simulator: the fee's part of the API, with true idempotency, faults and webhooks."""
