"""Measurements of the whole system in the embedded world."""
