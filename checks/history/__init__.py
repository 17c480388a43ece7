"""Histories of migrations: what each tool's own table says, and how that compares with the files."""
