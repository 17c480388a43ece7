"""Everything that happens without a click: preflight, checks, reminders, watching a migration run."""
