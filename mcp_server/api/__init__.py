"""The HTTP API beside the chat tools: the same tokens, limits and error shapes."""

PREFIX = "/api/"
"""What lies under it is for whoever bears a good token, but for the description of it."""

DESCRIPTION = "/openapi.json"
"""Where the API is described. Outside the prefix, because it needs no token."""
