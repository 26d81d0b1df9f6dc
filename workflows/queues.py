"""The task queues: each with its own slots, so that nothing can take another's."""

REGISTRATIONS = "registrations"
BOOKINGS = "bookings"
"""Only `book`, so that nothing else can take the slots of an opening second."""

MAINTENANCE = "maintenance"
"""The sweeps and whatever else recurs: none of it is ever urgent."""

QUEUES = (REGISTRATIONS, BOOKINGS, MAINTENANCE)
