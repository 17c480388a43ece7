"""The panel as nodes. It is not Slack, and looks it: databases, files and their editor, breaks, clock, bot."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.demo.local import LocalWorkspace
from bot.demo.page.nodes import Node, cross, h
from bot.demo.page.sight import NAMES, PanelLooks, chooser, part, press, selecting
from bot.demo.panel import DatabaseState, Panel
from bot.demo.sample import mishaps


def files(panel: Panel, looks: PanelLooks) -> Node:
    names = panel.files()
    chosen = looks.file if looks.file in names else (names[-2] if len(names) > 1 else "")
    options = [
        h("option", f"{name}{'  (edited)' if panel.is_edited(name) else ''}", value=name, selected=name == chosen)
        for name in names
    ]
    placing = [
        h(
            "li",
            h("span", h("b", each.title), h("small", each.shows)),
            press("Put it in", "place", "danger", key=each.key),
        )
        for each in mishaps.FAULTS
    ]
    return part(
        "Edit a migration file",
        h("p", "To see approvals go stale, or a check find something.", class_="topic"),
        selecting(options, {"do": "panel-file"}, "file", "Migration file"),
        _editor(panel, chosen) if chosen else None,
        h("h3", "Put a fault in"),
        h("ul", placing, class_="breaks"),
        open_=False,
    )


def _editor(panel: Panel, name: str) -> Node:
    edited = panel.is_edited(name)
    text = panel.text(name)
    return h(
        "form",
        # A new key where the file itself changed: what was typed over the old text is not it.
        h(
            "textarea",
            text,
            class_="input code",
            rows="12",
            spellcheck="false",
            data_field="text",
            aria_label=name,
            key=f"{name} {hash(text)}",
        ),
        h(
            "div",
            h("button", "Save", type="submit", class_="button primary"),
            press("Mend: as it was", "undo", "", not edited, file=name),
            class_="row",
        ),
        act={"do": "panel-save", "file": name},
    )


STEPS = (
    ("As Ann, in #deploys, type", "/deploy start production", "and press Enter. Open the thread of what comes."),
    ("A check fails: the last backup is two days old. Press", "Take a backup", "below, then Run check at the item."),
    ("Press Done at window and rollback plan. At the top, become", "Dana, Bo, Devi, Mo", "and sign in the thread."),
    ("As Ann: Go … Then press", "Run the migrations", "below, on production, and watch the thread."),
    ("As Ann: Complete … Become", "Pia", "and read the notice in #releases."),
)


def panel_view(local: LocalWorkspace, looks: PanelLooks) -> Node:
    """Everything of the panel; what is not there yet is left out."""
    panel = local.panel
    steps = [h("li", before, " ", h("b", words), " ", after) for before, words, after in STEPS]
    parts: list[Node | None] = [
        part("What can I try? Three minutes", h("ol", steps, class_="steps")),
        h("p", looks.note, class_="panel-note wrong" if looks.went_wrong else "panel-note", role="status")
        if looks.note
        else None,
    ]
    if panel is not None:
        parts += [
            _databases(panel),
            _runner(panel, looks),
            _backups(panel, looks),
            _breaks(panel, looks),
            files(panel, looks),
        ]
    parts += [_clock(local), _bot(local), _words()]
    head = h(
        "div",
        h("h1", "Try-out panel"),
        h("p", "Not Slack: the world around it", class_="topic"),
        h("div", cross("Hide the panel", {"do": "toggle-panel"}), class_="wide-only"),
        h("div", cross("Close the panel", {"do": "toggle-drawer"}), class_="narrow-only"),
        class_="head",
    )
    return h("div", head, h("div", parts, class_="panel-body", tabindex="-1"), class_="panel-inner")


def _databases(panel: Panel) -> Node:
    rows = [_database(panel, name) for name in NAMES]
    head = h("tr", [h("th", words, scope="col") for words in ("Database", "Applied", "")])
    return part("Databases", h("table", h("thead", head), h("tbody", rows)))


def _database(panel: Panel, name: str) -> Node:
    state = panel.states.get(name, DatabaseState(running=False))
    total = len(panel.files())
    bar = h("span", class_="meter", style=f"--part: {len(state.applied) / max(total, 1)}", aria_hidden="true")
    if not state.running:
        applied: list[Node] = [h("span", "stopped", class_="stopped")]
    else:
        newest = f"{state.applied[-1]:05d}" if state.applied else "none"
        applied = [f"{newest} ", h("small", f"{len(state.applied)} of {total}"), bar]
    act = (
        press("Stop", "stop-database", environment=name)
        if state.running
        else press("Start", "start-database", "primary", environment=name)
    )
    return h("tr", h("th", name, scope="row"), h("td", applied), h("td", act))


def _runner(panel: Panel, looks: PanelLooks) -> Node:
    busy, environment = bool(panel.running_in), looks.environment("runner")
    output = h(
        "pre",
        "\n".join(panel.output),
        class_="log",
        role="log",
        aria_label="Output of the migration runner",
        tabindex="0",
    )
    return part(
        "Run the migration runner",
        h("p", "gonogo never runs migrations; an engineer does, in a shell. This is that shell.", class_="topic"),
        h(
            "div",
            chooser(looks, "runner", "Run the migrations on"),
            press("Running …" if busy else "Run the migrations", "run", "primary", busy, environment=environment),
            press("Run slowly", "run-slowly", "", busy, environment=environment),
            class_="row",
        ),
        output if panel.output else None,
    )


def _backups(panel: Panel, looks: PanelLooks) -> Node:
    environment = looks.environment("backups")
    taken_at = panel.last_backup(environment)
    hours = round((datetime.now(UTC) - taken_at).total_seconds() / 3600) if taken_at else 0
    age = f"the newest is {hours} h old" if hours else "the newest was taken within the hour"
    return part(
        "Backups",
        h("p", f"{environment}: {age if taken_at else 'there is none'}.", class_="topic"),
        h(
            "div",
            chooser(looks, "backups", "Back up"),
            press("Take a backup", "backup", "primary", environment=environment),
            class_="row",
        ),
    )


def _breaks(panel: Panel, looks: PanelLooks) -> Node:
    environment = looks.environment("breaks")
    running = panel.states.get(environment, DatabaseState(running=False)).running
    rows = []
    for what, title, act, back, words in (
        ("lock", "A report that holds the table orders", "Lock orders", "release", "Release it"),
        ("index", "An index that somebody dropped", "Drop an index", "mend", "Bring it back"),
        ("invalid", "An index build that failed half-way", "Leave an invalid index", "mend", "Drop it"),
    ):
        broken = panel.is_broken(environment, what)
        mending = press(words, back, "primary", environment=environment, what=what)
        breaking = press(act, f"break-{what}", "danger", not running, environment=environment)
        rows.append(h("li", h("span", title), mending if broken else breaking))
    where, listed = h("p", f"In {environment}:", class_="topic"), h("ul", rows, class_="breaks")
    return part("Break something", chooser(looks, "breaks", "Break"), where, listed, open_=False)


def _clock(local: LocalWorkspace) -> Node:
    now = local.clock.now
    moved = h("small", " moved") if local.clock.ahead else None
    moves = [press(words, "clock", "", local.panel is None, to=to) for words, to in CLOCK_MOVES]
    shown = h("p", f"{now:%A %d %B, %H:%M} in {now.tzinfo}", moved)
    why = [h("p", local.clock.note, class_="topic")] if local.clock.note else []
    return part("Move the clock", shown, *why, h("div", moves, class_="row"))


def _words() -> Node:
    every = h("a", "See every message, by name", href="/messages", target="_blank", class_="button")
    return part("What gonogo says", h("p", "Each message and form in each of its states.", class_="topic"), every)


CLOCK_MOVES = (("+45 min", "45m"), ("+1 h", "1h"), ("next 9:00", "morning"), ("+1 day", "1d"), ("+1 week", "7d"))


def _bot(local: LocalWorkspace) -> Node:
    keeper = local.keeper
    note = keeper.note if keeper else "starting"
    words = keeper.bot.last_words(12) if keeper and not keeper.bot.running else ""
    return part(
        "The bot",
        h("p", h("b", "gonogo run"), f" · {note}"),
        h("pre", words, class_="log") if words else None,
        h(
            "div",
            press("Restart it", "restart", "", keeper is None),
            press("Kill it (SIGKILL)", "kill", "danger", keeper is None),
            class_="row",
        ),
    )
