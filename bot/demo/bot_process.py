"""The real bot as a child process, told apart from a production one only by its addresses."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

STOP_SECONDS = 10.0


@dataclass
class BotProcess:
    """`gonogo run` on the settings of the try-out. Its log goes to `log`."""

    settings: Path
    variables: Mapping[str, str] = field(repr=False)
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, unless it runs."""
        if self.running:
            return
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [gonogo(), "run", "--config", str(self.settings)],
                env={**os.environ, **self.variables},
                cwd=self.settings.parent,
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
            )

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self) -> int | None:
        """SIGTERM, and SIGKILL where that takes longer than ten seconds; the exit code."""
        if self.process is None:
            return None
        if self.running:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()
        return self.process.returncode

    def kill(self) -> None:
        """SIGKILL: what a power cut does."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def last_words(self, lines: int = 20) -> str:
        """The end of the log, for when it did not start."""
        text = self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])


def gonogo() -> str:
    """The `gonogo` script beside this Python: `python -m` would import a user's own `checks/`."""
    beside = Path(sys.executable).with_name("gonogo")
    found = str(beside) if beside.exists() else shutil.which("gonogo")
    if found is None:
        raise FileNotFoundError("the gonogo script is not beside this Python: install the package (make demo does)")
    return found
