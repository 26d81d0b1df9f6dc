"""The recurring jobs. Every file here is one, and declares its row of the table as `JOB`."""
