"""The sample project of the try-out: a small shop with its migrations, databases, people and settings."""
