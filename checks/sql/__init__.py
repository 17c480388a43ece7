"""SQL as PostgreSQL's own parser reads it: statements, what they make, mention and touch."""
