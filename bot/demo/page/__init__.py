"""The page of the local workspace. Python describes it as nodes (`nodes.py`), Vue draws what changed."""
