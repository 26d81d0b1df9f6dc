"""What opens soon, and whether it will be booked."""
