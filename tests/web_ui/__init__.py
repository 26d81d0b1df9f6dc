"""What an operator sees in Temporal's Web UI."""
