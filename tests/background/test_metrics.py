"""What Prometheus reads."""

from __future__ import annotations

import urllib.request
from pathlib import Path

from bot.background.backstage import Backstage
from bot.background.metrics import serve_metrics
from tests.usecases.team import Team


def test_metrics_tell_of_open_deployments_and_the_outbox(tmp_path: Path) -> None:
    team = Team(tmp_path / "gonogo.db")
    team.starts()
    backstage = Backstage(team.store, {"default": team.project}, lambda *_: None, lambda: team.now, tmp_path)
    port = serve_metrics(backstage, 0)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        text = answer.read().decode()
    assert 'gonogo_deployments{environment="production",state="preparing"} 1.0' in text
    assert "gonogo_outbox_open 1.0" in text
