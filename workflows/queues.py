"""The task queues: each with its own slots, so that nothing can take another's."""

REGISTRATIONS = "registrations"
BOOKINGS = "bookings"
"""Only `book`, so that nothing else can take the slots of an opening second."""

LETTERS = "letters"
"""Only what writes letters: few at a time, so that after an opening no letter is written in the
time of a booking that has yet to be charged, and a mail server that hangs takes nobody else's
slots."""

MAINTENANCE = "maintenance"
"""The sweeps and whatever else recurs: none of it is ever urgent."""

QUEUES = (REGISTRATIONS, BOOKINGS, LETTERS, MAINTENANCE)
