"""People as the tests and the demo see them."""
