"""The try-out: `gonogo demo`. Imports nothing here, since the sample's probes pass through on every run."""

from __future__ import annotations


def main(port: int | None, script: bool) -> int:
    """Runs the try-out until Ctrl-C; the exit code. ModuleNotFoundError where the demo's packages are missing."""
    if script:
        from bot.demo.script import play

        return play()
    from bot.demo.serving import serve

    return serve(port)
