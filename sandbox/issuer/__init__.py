"""A local issuer of users' tokens, standing in for Auth0."""
