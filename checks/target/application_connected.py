"""application-connected: the applications that the settings name have sessions."""

from __future__ import annotations

from checks.base import Check, Need
from checks.target.application_sessions import run

CHECK = Check(
    id="application-connected",
    title="The application is connected",
    needs=Need.TARGET,
    run=run,
    decides="Passes when each of `applications = […]` (application names or roles) has a session, and fails "
    "when one has none.",
    cost="One statistics query; waits for no lock.",
    fix="Start the application; an empty application_name is set in its connection string.",
    option="applications",
)
