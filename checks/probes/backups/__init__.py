"""Ready-made readers for what backup tools say: pgBackRest, WAL-G, Barman, and the archives of pg_dump.

Each reader turns a tool's own JSON into an `Inventory`; `verdict` judges every inventory by the same limits.
"""
