"""The record: the checklist's own Markdown, filled in. Made of plain facts, the same bytes for the same facts.

A box is ticked when its item is done; everything else (not applicable, failed, open) is said in words below it, since
GitHub shows only `[ ]` and `[x]`. Annotations stay, so that the record read as a checklist has exactly its items.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from bot.core.checklist.items import Checklist, Item, Kind, Section
from bot.core.checklist.outline import ITEM_START, Heading, Outline, read_outline
from bot.core.checklist.text import slug_path, split_lines
from bot.core.record_fields import fill_fields, neutralise


@dataclass(frozen=True)
class ItemRecord:
    """What happened to one item. `state` is the word beside the symbol ("done" ticks the box); times are words.

    `how` says what `state` alone would hide (an override); `work` whose it is while it is not settled; `on_line` stands
    behind the label, of a sign-off. `added` is set of a line that is not the checklist's own: by whom, and when.
    """

    state: str
    who: str = ""
    when: str = ""
    evidence: tuple[str, ...] = ()
    reason: str = ""
    carried_from: str = ""
    notes: tuple[str, ...] = ()
    work: str = ""
    how: str = ""
    on_line: str = ""
    added: str = ""


@dataclass(frozen=True)
class SignOffRecord:
    """A decision that is not on the line of its sign-off. `subject` is what was decided; `standing` what became of it.

    `decision` is a word like "approved".
    """

    item_id: str
    decision: str
    who: str
    when: str
    role: str = ""
    on_behalf_of: str = ""
    reason: str = ""
    subject: str = ""
    standing: str = ""


@dataclass(frozen=True)
class RecordFacts:
    """Everything a record says. `items` by item id; `details` and `heads` are printed as "name: value" at the end.

    `course` is what happened, a line an act, the first first.
    """

    checklist: Checklist
    kind: Kind
    items: Mapping[str, ItemRecord] = field(default_factory=dict)
    sign_offs: tuple[SignOffRecord, ...] = ()
    deployment_date: str = ""
    deployed_by: str = ""
    environment: str = ""
    migration_version: str = ""
    status: str = ""
    notes: str = ""
    course: tuple[str, ...] = ()
    details: tuple[tuple[str, str], ...] = ()
    remarks: tuple[str, ...] = ()
    heads: tuple[tuple[str, str], ...] = ()


def render_record(facts: RecordFacts) -> str:
    """The filled-in Markdown, with LF line ends."""
    lines = split_lines(facts.checklist.text)
    outline = _outline(facts.checklist.text)
    page = _Page(facts, lines, outline)
    below = page.render(beside_items=True)
    # In a checklist that nests code or HTML inside an item, lines put there could change how the rest is read.
    return below if _same_items(below, outline, page.added) else _Page(facts, lines, outline).render(beside_items=False)


@lru_cache(maxsize=8)
def _outline(text: str) -> Outline:
    """A revision is read once: it never changes."""
    return read_outline(text, split_lines(text), "record")


def _same_items(text: str, outline: Outline, added: Collection[str]) -> bool:
    """Whether it reads as the same items, and those added; a label may go on behind a colon, with what was decided."""
    lines = split_lines(text)
    read, wanted = read_outline(text, lines, "record"), outline.entries
    found = [one for one in read.entries if lines[one.line - 1] not in added]
    same = (
        one.comment == other.comment and f"{one.label}: ".startswith(f"{other.label}: ")
        for one, other in zip(found, wanted, strict=False)
    )
    # A label without a letter would be told apart from another such by what was decided alone.
    told_apart = len({slug_path([one.label]) for one in found}) >= len({slug_path([one.label]) for one in wanted})
    whole = len(found) == len(wanted) == len(read.entries) - len(added)
    return whole and len(read.problems) <= len(outline.problems) and told_apart and all(same)


class _Page:
    """The lines of the checklist, and what goes below each of them."""

    def __init__(self, facts: RecordFacts, lines: Sequence[str], outline: Outline) -> None:
        self.facts, self.outline = facts, outline
        self.lines = list(lines)
        self.entries = outline.entries
        self.items = [item for item in facts.checklist.items if item.added is None]
        self.added: list[str] = []
        self.last = max((entry.end_line for entry in self.entries), default=len(lines))

    def render(self, beside_items: bool) -> str:
        below, listed = (self._below(), []) if beside_items else ({}, self._listed())
        page: list[str] = []
        for number, line in enumerate(self._ticked(beside_items), 1):
            if number > self.last:
                break
            page += [line, *below.get(number, ())]
        name = self.facts.environment
        remark = "" if name.casefold() == self.facts.kind else name
        tail = fill_fields(self.lines[self.last :], self._fields(), remark)
        body = "\n".join([*page, *tail]).rstrip("\n")
        course = [neutralise(line) for line in self.facts.course]
        return "\n".join([body, *_block(listed), *_block(course), *_block(self._closing_lines())]) + "\n"

    def _ticked(self, beside_items: bool) -> list[str]:
        lines = list(self.lines)
        for entry, item in zip(self.entries, self.items, strict=True):
            match = ITEM_START.match(lines[entry.line - 1] + " ")
            record = self.facts.items.get(item.id)
            if match:
                line, at = lines[entry.line - 1], match.start("box")
                lines[entry.line - 1] = line[:at] + ("x" if record and record.state == "done" else " ") + line[at + 1 :]
            if record and record.on_line and beside_items:
                lines[entry.end_line - 1] = _behind_label(lines[entry.end_line - 1], record.on_line)
        return lines

    def _below(self) -> dict[int, list[str]]:
        below: dict[int, list[str]] = {}
        ends = {item.section_id: (entry, item) for entry, item in zip(self.entries, self.items, strict=True)}
        for entry, item in zip(self.entries, self.items, strict=True):
            indent = _content_indent(self.lines[entry.line - 1])
            shown = below.setdefault(entry.end_line, [])
            shown += [f"{indent}- {line}" for line in self._item_lines(item)]
            if ends[item.section_id][1] is item:
                shown += self._added_lines(item, self.lines[entry.line - 1])
        for heading, section in self._headed_sections():
            words = self._why_empty(section)
            follows = "".join(self.lines[heading.end_line : heading.end_line + 1]).strip()
            below[heading.end_line] = ["", f"*{words}*", *([""] if follows else [])] if words else []
        return below

    def _added_lines(self, last: Item, like: str) -> Iterator[str]:
        """`- [x] Warm the cache *(added … by Ann)*` at the end of its section, written like that one's last item."""
        match, indent = ITEM_START.match(like + " "), _content_indent(like)
        for item in self.facts.checklist.section_of(last).items:
            record = self.facts.items.get(item.id)
            if item.added and record and match:
                box = "x" if record.state == "done" else " "
                words = f"{neutralise(item.label)} *({neutralise(record.added)})*".replace("!--", "! --")
                self.added.append(f"{like[: match.start('box')]}{box}] {words}")
                yield self.added[-1]
                yield from (f"{indent}- {line}" for line in self._item_lines(item))

    def _listed(self) -> list[str]:
        items = [(item, self.facts.items.get(item.id)) for item in self.facts.checklist.items]
        on_lines = [(item, neutralise(record.on_line)) for item, record in items if record and record.on_line]
        added = [(item, neutralise(record.added)) for item, record in items if record and record.added]
        below = [(item, line) for item, _ in items for line in self._item_lines(item)]
        return [f"{neutralise(item.label)}: {line}" for item, line in (*on_lines, *added, *below)]

    def _item_lines(self, item: Item) -> list[str]:
        record = self.facts.items.get(item.id)
        lines = list(_words_of(record)) if record else []
        lines += [_sign_off_words(each) for each in self.facts.sign_offs if each.item_id == item.id]
        section = self.facts.checklist.section_of(item)
        if not lines and not item.applies(self.facts.kind) and not self._why_empty(section):
            lines = [f"not part of a {self.facts.kind} deployment"]
        return lines

    def _headed_sections(self) -> Iterator[tuple[Heading, Section]]:
        headings = {node.line: node for node in self.outline.nodes if isinstance(node, Heading)}
        for section in self.facts.checklist.sections:
            if section.headings and section.line in headings:
                yield headings[section.line], section

    def _why_empty(self, section: Section) -> str:
        """One sentence for a section of which this deployment had nothing; empty when it had something."""
        kind = self.facts.kind
        if not section.headings or any(item.counts(kind) or item.id in self.facts.items for item in section.items):
            return ""
        on_demand = any(item.applies(kind) for item in section.items)
        return "On demand; not opened in this deployment." if on_demand else f"Not part of a {kind} deployment."

    def _fields(self) -> dict[str, str]:
        facts = self.facts
        return {
            "Deployment Date": facts.deployment_date,
            "Deployed By": facts.deployed_by,
            "Environment": facts.kind.value,
            "Migration Version": facts.migration_version,
            "Status": facts.status,
            "Notes": facts.notes,
        }

    def _closing_lines(self) -> list[str]:
        facts = self.facts
        lines = [f"Checklist revision: {facts.checklist.revision}"]
        lines += [f"{neutralise(name)}: {neutralise(value)}" for name, value in facts.details]
        lines += [f"Journal head {neutralise(moment)}: {neutralise(head)}" for moment, head in facts.heads]
        return lines + [f"Remark: {neutralise(remark)}" for remark in facts.remarks]


def _block(lines: Sequence[str]) -> list[str]:
    return ["", "---", "", *(f"- {line}" for line in lines)] if lines else []


def _words_of(record: ItemRecord) -> Iterator[str]:
    by = f" by {neutralise(record.who)}" if record.who else ""
    when = f", {neutralise(record.when)}" if record.when else ""
    how = f", {neutralise(record.how)}" if record.how else ""
    if not record.on_line and (by or when or record.state != "open"):
        yield f"{neutralise(record.state)}{how}{by}{when}"
    parts = [("reason", (record.reason,)), ("carried from", (record.carried_from,)), ("work", (record.work,))]
    for name, texts in [*parts, ("evidence", record.evidence), ("note", record.notes)]:
        yield from (f"{name}: {neutralise(text)}" for text in texts if text.strip())


def _sign_off_words(each: SignOffRecord) -> str:
    role = f" as {neutralise(each.role)}" if each.role else ""
    whom = f" for {neutralise(each.on_behalf_of)}" if each.on_behalf_of else ""
    words = f"{neutralise(each.decision)} {neutralise(each.who)}{role}{whom}, {neutralise(each.when)}"
    more = (("decided", each.subject), ("reason", each.reason), ("since", each.standing))
    return words + "".join(f"; {name}: {neutralise(text)}" for name, text in more if text)


def _behind_label(line: str, words: str) -> str:
    """Before the comment that annotates the line, or at its end."""
    label, comment, rest = line.partition("<!--")
    behind = f" {comment}{rest}" if comment else ""
    # In a label even what only looks like a comment is refused.
    return f"{label.rstrip()}: {neutralise(words).replace('!--', '! --')}{behind}"


def _content_indent(line: str) -> str:
    """What a line below an item begins with to belong to it; tabs stop at every fourth column (CommonMark)."""
    match = ITEM_START.match(line + " ")
    start = (match["lead"] + match["gap"]).expandtabs(4) if match else ""
    return "".join(each if each in "> " else " " for each in start)
