"""The only SQL of the bot's state: `Store` and its faults."""

from __future__ import annotations

from bot.storage.database import Store
from bot.storage.faults import AlreadyRunning, MigrationRefused, StoreFault
from bot.storage.lock import lock_holder, process_lock

__all__ = ["AlreadyRunning", "MigrationRefused", "Store", "StoreFault", "lock_holder", "process_lock"]
