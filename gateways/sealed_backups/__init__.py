"""Backups of the database: read in one picture, sealed in chunks, kept in a folder or a bucket."""

from gateways.sealed_backups.archive import SealedBackups
from gateways.sealed_backups.folder import FolderTarget
from gateways.sealed_backups.keys import BackupKeys
from gateways.sealed_backups.snapshot import PostgresSource
from gateways.sealed_backups.supabase_storage import StorageTarget

__all__ = ["BackupKeys", "FolderTarget", "PostgresSource", "SealedBackups", "StorageTarget"]
