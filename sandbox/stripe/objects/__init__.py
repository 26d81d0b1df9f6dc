"""The objects of the account, one noun a file: what it is and what can happen to it."""
