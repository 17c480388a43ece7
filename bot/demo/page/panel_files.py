"""The panel's editor of migration files, and the faults that can be put in."""

from __future__ import annotations

from bot.demo.page.nodes import Node, h
from bot.demo.page.panel_pieces import PanelLooks, part, press
from bot.demo.panel import Panel
from bot.demo.sample import faults


def files(panel: Panel, looks: PanelLooks) -> Node:
    names = panel.files()
    chosen = looks.file if looks.file in names else (names[-2] if len(names) > 1 else "")
    options = [
        h("option", f"{name}{'  (edited)' if panel.is_edited(name) else ''}", value=name, selected=name == chosen)
        for name in names
    ]
    select = h(
        "select", options, class_="select", act={"do": "panel-file"}, data_field="file", aria_label="Migration file"
    )
    placing = [
        h(
            "li",
            h("span", h("b", fault.title), h("small", fault.shows)),
            press("Put it in", "place", "danger", key=fault.key),
        )
        for fault in faults.FAULTS
    ]
    return part(
        "Edit a migration file",
        h("p", "To see approvals go stale, or a check find something.", class_="topic"),
        select,
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
