"""One set of habits for every test."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# No test asserts speed by the clock: a busy machine is no fault of the rule under test.
settings.register_profile("gonogo", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("gonogo")
