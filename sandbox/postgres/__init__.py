"""The sandbox's own Postgres 18, from a wheel, reachable on 127.0.0.1 with passwords only."""
