"""What a registration costs, and how many one installation carries: measured, and reckoned."""
