"""The real bot as a child process, told apart from a production one by its addresses; started again when it dies."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
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


LOOK_SECONDS = 0.25
LONGEST_REST = 15.0
RUNNING = "running"
SETTLED_SECONDS = 30.0  # a bot that ran this long did not fail at its start


class BotKeeper:
    """Watches the process on a thread. `note` is the last thing that happened to it, for the panel."""

    def __init__(self, bot: BotProcess, pid_file: Path, changed: Callable[[], None]) -> None:
        self.bot, self._pid_file, self._changed = bot, pid_file, changed
        self._lock, self._stopping = threading.Lock(), threading.Event()
        self._started, self._rest = 0.0, 0.0
        self.note = "not started yet"
        self._thread = threading.Thread(target=self._watch, name="bot-keeper", daemon=True)

    def start(self) -> None:
        self._start(RUNNING)
        self._thread.start()

    def restart(self) -> None:
        """SIGTERM, and a new process. Takes as long as the bot needs to finish what is in hand."""
        with self._lock:
            self._say("stopping: it finishes what is in hand")
            code = self.bot.stop()
            self._start(f"restarted; the old one ended with exit code {code}")

    def forget(self) -> None:
        """What happened to it before is said no longer, while it runs."""
        if self.bot.running:
            self._say(RUNNING)

    def kill(self) -> None:
        """SIGKILL, as a power cut; the watch starts it again."""
        self.bot.kill()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(5.0)
        self.bot.stop()

    def _watch(self) -> None:
        while not self._stopping.wait(LOOK_SECONDS):
            with self._lock:
                if not self.bot.running:
                    self._start_again()

    def _start_again(self) -> None:
        """Rests longer each time where it dies at once: a wrong setting does not mend itself."""
        code = self.bot.process.returncode if self.bot.process else None
        lived = time.monotonic() - self._started
        self._rest = 0.0 if lived > SETTLED_SECONDS else min(self._rest + 2.0, LONGEST_REST)
        self._say(f"died with exit code {code}; it starts again in {self._rest:.0f} s")
        if not self._stopping.wait(self._rest):
            self._start(f"died with exit code {code} and was started again")

    def _start(self, note: str) -> None:
        self.bot.start()
        self._started = time.monotonic()
        if self.bot.process:
            self._pid_file.write_text(str(self.bot.process.pid), encoding="utf-8")
        self._say(note)

    def _say(self, note: str) -> None:
        self.note = note
        self._changed()
