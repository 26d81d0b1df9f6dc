"""Stand-ins held in memory, obeying the same contracts as the real gateways."""
