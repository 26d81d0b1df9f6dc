"""Everything a client may do, always for one user: the rooms behind `starter.FrontDoor`."""
