"""Only a token, an app token and a channel: it works."""

from __future__ import annotations

from tests.journeys.troupe import Troupe


def test_with_only_a_channel_a_production_deployment_goes_from_start_to_notice(bare: Troupe) -> None:
    ann, bo = bare.person("ann"), bare.person("bo")
    ann.types("/deploy start production")
    form = ann.modal(timeout=20)
    form.fill("Migrations", "00008-00010").submit()
    dashboard = ann.sees("#deploys", "Production · migrations 00008–00010", timeout=20)
    assert "preparing" in dashboard.text()
    section = dashboard.thread.sees("Pre-Deployment Checks", timeout=20)
    bo.presses("Done", in_=section, beside="Rollback plan prepared")
    section.becomes("bo")
