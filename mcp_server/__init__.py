"""The chat tools over HTTP: thin over the front door, for bearers of the issuer's tokens."""
