"""How each migration tool lays out its files."""
