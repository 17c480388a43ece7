"""Throw-away databases, the servers that hold them, and migration files applied to them."""
