"""What the program needs of the outside, one Protocol a capability.

The real gateways live in one package a vendor; the fakes obey the same contract suite. All
raise only the errors of `domain.errors`.
"""

from gateways.protocols.backups import BackupArchive
from gateways.protocols.billing import Billing
from gateways.protocols.booking import ArmedBooking, BookingProvider, BookingProviders
from gateways.protocols.fields import Fields
from gateways.protocols.mail import Mail
from gateways.protocols.mandates import Mandates
from gateways.protocols.payments import Payments
from gateways.protocols.records import Records

__all__ = [
    "ArmedBooking",
    "BackupArchive",
    "Billing",
    "BookingProvider",
    "BookingProviders",
    "Fields",
    "Mail",
    "Mandates",
    "Payments",
    "Records",
]
