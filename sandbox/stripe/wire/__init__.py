"""Stripe's way of writing requests, answers, lists and errors."""
