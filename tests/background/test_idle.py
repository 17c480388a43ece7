"""A bot with nothing to do does nothing."""

from __future__ import annotations

import time
from pathlib import Path

from bot.background.backstage import Backstage
from bot.background.check_pool import CheckPool
from tests.usecases.team import Team


def test_an_idle_pool_does_not_wake_itself_by_its_own_commits(tmp_path: Path) -> None:
    team = Team(tmp_path / "gonogo.db")
    pool = CheckPool(Backstage(team.store, {"default": team.project}, lambda *_: None, lambda: team.now, tmp_path))
    commits: list[int] = []
    team.store.on_commit(pool.wake)
    team.store.on_commit(lambda: commits.append(1))
    pool.start()
    pool.wake()
    time.sleep(1.5)
    pool.ask_to_stop()
    pool.join(5)
    assert commits == []
