"""Which release's workers get the work: the versions of a worker deployment."""
