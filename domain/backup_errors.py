"""What can go wrong with backups. Every message is for an operator; none holds a key or a row.

OutsideError
└── BackupError
    ├── BackupsNotConfigured    this program is not told where to, or with which key; final
    ├── BackupUnavailable       the database or the target did not answer; it may be repeated
    │   └── BackupMisconfigured login, rights or address are wrong; an operator mends them
    ├── BackupMissing           there is no such backup; final
    ├── BackupKeyUnknown        its key is not among those given to this program; final
    ├── BackupDamaged           what is kept is not what was written; final
    └── RestoreRefused          it must not, or cannot, be put back into that database; final
"""

from domain.errors import OutsideError


class BackupError(OutsideError):
    """A backup could not be made, read or put back."""


class BackupsNotConfigured(BackupError):
    """This program makes no backups: it has no BACKUP_KEYS and no BACKUP_TARGET."""


class BackupUnavailable(BackupError):
    """The database, or what keeps backups, did not do what was asked. It may be repeated."""


class BackupMisconfigured(BackupUnavailable):
    """A login, a right or an address is wrong: what an operator mends goes through then."""


class BackupMissing(BackupError):
    """There is no such backup, or it was never finished."""


class BackupKeyUnknown(BackupError):
    """It is encrypted with a key that this program is not given.

    Attributes:
        key_name: the name of that key in `BACKUP_KEYS`.
    """

    def __init__(self, key_name: str) -> None:
        super().__init__(f"The backup key named {key_name} is not among BACKUP_KEYS here.")
        self.key_name = key_name


class BackupDamaged(BackupError):
    """A byte was altered, or a piece is missing, doubled or exchanged. The message says where."""


class RestoreRefused(BackupError):
    """That database is not fit for it. Nothing was changed there."""
