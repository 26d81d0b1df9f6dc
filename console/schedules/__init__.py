"""The schedules of recurring jobs: Temporal's, and what is declared in `workflows/schedules.py`."""
