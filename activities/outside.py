"""What the activities of a recurring job are made from."""

from dataclasses import dataclass

from activities.clock import Clock
from activities.fee_links import FeeLinks
from activities.histories import Histories
from activities.runs import Runs
from activities.sweep_registrations import StartRun
from gateways import BackupArchive, BookingProviders, Mail, Mandates, Payments, Records


@dataclass(frozen=True)
class Outside:
    """Everything that a worker has, for each job to take what it needs: see `served.py`."""

    records: Records
    providers: BookingProviders
    payments: Payments
    mandates: Mandates
    mail: Mail
    runs: Runs
    """The workflows of registrations."""
    histories: Histories
    """What Temporal keeps of any workflow."""
    start_run: StartRun
    links: FeeLinks
    """Pages that a letter leads to."""
    clock: Clock
    archive: BackupArchive
    """Where the database is backed up to."""
