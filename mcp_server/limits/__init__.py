"""How much is taken at once, and from whom."""
