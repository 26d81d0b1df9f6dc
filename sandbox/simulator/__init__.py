"""What every provider simulator is made of: state, faults, ledger, control, server."""
