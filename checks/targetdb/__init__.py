"""A database that people use: its address, guarded sessions, what is shared by those who ask it."""
