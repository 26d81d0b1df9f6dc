"""The task queues: each with its own slots, so that nothing can take another's."""

REGISTRATIONS = "registrations"
BOOKINGS = "bookings"
"""Only `book`, so that nothing else can take the slots of an opening second."""

QUEUES = (REGISTRATIONS, BOOKINGS)
