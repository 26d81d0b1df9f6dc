"""Programs that a measurement starts: each is one process of one of the systems compared."""
