"""The Protocols that gateways and fakes obey."""
