"""From what a backup tool printed to a verdict: `reader = "pgbackrest"`, `"wal-g"` or `"barman"`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from checks.base import CannotRun, Result
from checks.probes import nagios
from checks.probes.backups import barman, pgbackrest, walg
from checks.probes.backups.inventory import Inventory, WrongShape
from checks.probes.backups.verdict import Limits, judge
from checks.probes.masking import Mask
from checks.probes.process import Ended
from checks.probes.settings import ProbeSettings
from checks.probes.wording import one_line

# A listing cannot be cut as a message can; a backup takes about 700 bytes in it.
LISTING_LIMIT = 8 * 1024 * 1024

READERS: Mapping[str, tuple[str, Callable[[str], list[Inventory]]]] = {
    "pgbackrest": (pgbackrest.COMMAND, pgbackrest.read),
    "wal-g": (walg.COMMAND, walg.read),
    "barman": (barman.COMMAND, barman.read),
}


def read_listing(settings: ProbeSettings, reader: str, ended: Ended, mask: Mask) -> Result:
    """Raises CannotRun: the tool complained, or printed what is not its listing."""
    if reader not in READERS:
        raise settings.wrong("reader", f"none of {', '.join(READERS)}")
    command, read = READERS[reader]
    output = ended.output.decode("utf-8", errors="replace")
    if reader == "barman" and output.startswith("BARMAN "):
        return nagios.judge(settings.spec.id, ended.code, nagios.read_output(mask(output)))
    if ended.code != 0:
        raise CannotRun(_complaint(ended, mask), f"try it yourself: {command}")
    if ended.is_cut:
        raise CannotRun("the listing is longer than 8 MiB", "name one stanza or server in the command")
    try:
        inventories = read(output)
    except (WrongShape, KeyError):
        raise CannotRun(f"the output is not what `{command}` prints", f"command = {command.split()}") from None
    return judge(inventories, Limits.of(settings), datetime.now(UTC))


def _complaint(ended: Ended, mask: Mask) -> str:
    words = nagios.read_output(mask((ended.errors or ended.output).decode("utf-8", errors="replace"))).summary
    end = f"exit code {ended.code}" if ended.code > 0 else f"signal {-ended.code}"
    return one_line(f"the backup tool ended with {end}: {words or 'nothing printed'}")
