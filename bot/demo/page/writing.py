"""Slack's mrkdwn and Markdown files as nodes, for the eyes of one person."""

from __future__ import annotations

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt

from bot.demo.page.nodes import Node, button, h
from bot.demo.standin.model import JSON, User
from bot.demo.standin.mrkdwn import EMPHASIS, TOKEN, readable, unescape
from bot.demo.standin.workspace import Workspace

_FENCE = re.compile(r"```\n?(.*?)\n?```", re.DOTALL)
_CODE = re.compile(r"`([^`\n]+)`")
_EMOJI = re.compile(r":([a-z0-9_+-]+):")
_KEPT = re.compile("[\ue000-\uf8ff]")
_FIRST = 0xE000
_TAGS = {"*": "strong", "_": "em", "~": "s"}
EMOJI = {
    "white_check_mark": "✅",
    "heavy_check_mark": "✔",
    "x": "❌",
    "warning": "⚠️",
    "rotating_light": "🚨",
    "hourglass": "⌛",
    "hourglass_flowing_sand": "⏳",
    "rocket": "🚀",
    "tada": "🎉",
    "eyes": "👀",
    "+1": "👍",
    "thumbsup": "👍",
    "no_entry": "⛔",
    "red_circle": "🔴",
    "pushpin": "📌",
    "wave": "👋",
}


class Writer:
    """Draws text for one viewer: mentions of them stand out, times are in their zone."""

    def __init__(self, workspace: Workspace, viewer: User) -> None:
        self.workspace, self.viewer = workspace, viewer

    def text(self, part: JSON | None) -> list[Node]:
        """A text object: mrkdwn drawn, plain_text literally."""
        if not part:
            return []
        if part.get("type") == "mrkdwn":
            return self.mrkdwn(part["text"])
        return [unescape(part["text"])]

    def words(self, part: JSON | None) -> str:
        """A text object as bare words, for labels."""
        if not part:
            return ""
        return readable(part["text"], self.workspace, self.viewer) if part["type"] == "mrkdwn" else self.plain(part)

    def plain(self, part: JSON | None) -> str:
        return unescape(part["text"]) if part else ""

    def mrkdwn(self, text: str) -> list[Node]:
        """Paragraphs, quotations and fenced code."""
        nodes: list[Node] = []
        for odd, part in enumerate(_FENCE.split(text)):
            nodes += [h("pre", unescape(part))] if odd % 2 else list(self._lines(part))
        return nodes

    def _lines(self, text: str) -> Iterator[Node]:
        """Lines with breaks between them; neighbours that begin with > are one quotation."""
        lines = text.split("\n")
        quoted: list[str] = []
        for place, line in enumerate(lines):
            is_quote = line.startswith((">", "&gt;"))
            if is_quote:
                quoted.append(re.sub(r"^(>|&gt;) ?", "", line))
            if quoted and (not is_quote or place == len(lines) - 1):
                yield h("blockquote", _with_breaks([self.line(each) for each in quoted]))
                quoted = []
            if not is_quote:
                yield from self.line(line)
                if place < len(lines) - 1 and not lines[place + 1].startswith((">", "&gt;")):
                    yield h("br")

    def line(self, line: str) -> list[Node]:
        """One line: code, tokens, emphasis, emoji."""
        kept: list[Node] = []
        masked = _CODE.sub(lambda found: self._keep(kept, h("code", unescape(found[1]))), line)
        masked = TOKEN.sub(lambda found: self._keep(kept, self._token(found[1])), masked)
        return list(self._emphasised(masked, kept))

    def _keep(self, kept: list[Node], node: Node) -> str:
        kept.append(node)
        return chr(_FIRST + len(kept) - 1)

    def _emphasised(self, text: str, kept: list[Node]) -> Iterator[Node]:
        found = EMPHASIS.search(text)
        if found is None:
            yield from _restored(text, kept)
            return
        yield from _restored(text[: found.start()], kept)
        yield h(_TAGS[found[1]], self._emphasised(found[2], kept))
        yield from self._emphasised(text[found.end() :], kept)

    def _token(self, token: str) -> Node:
        """Mentions, channels, dates and links."""
        target, _, label = token.partition("|")
        shown = readable(f"<{token}>", self.workspace, self.viewer)
        if target.startswith("!date^"):
            return h("time", shown)
        if target.startswith("#"):
            return button(shown, act={"do": "open", "place": target[1:]}, class_="mention")
        if target.startswith(("@", "!")):
            return h("span", shown, class_="mention me" if self._names_me(target) else "mention")
        return link(target, unescape(label or target), self.workspace)

    def _names_me(self, target: str) -> bool:
        group = self.workspace.groups.get(target.removeprefix("!subteam^"))
        everyone = target in ("!here", "!channel", "!everyone")
        return everyone or target == f"@{self.viewer.id}" or (group is not None and self.viewer.id in group.members)


def link(target: str, label: str, workspace: Workspace) -> Node:
    """A link; one into the workspace stays on the page."""
    inside = re.match(re.escape(workspace.url) + r"/archives/(\w+)(?:/p(\d+))?(?:\?thread_ts=([\d.]+))?", target)
    if inside is None:
        return h("a", label, href=target, target="_blank", rel="noopener noreferrer")
    channel, stamp, thread = inside.groups()
    at = f"{stamp[:-6]}.{stamp[-6:]}" if stamp else ""
    return h("a", label, href="#", act={"do": "go-to", "channel": channel, "ts": at, "thread": thread or ""})


def _restored(text: str, kept: list[Node]) -> Iterator[Node]:
    """Words with emoji, and the nodes that stood among them."""
    start = 0
    for found in _KEPT.finditer(text):
        yield from _worded(text[start : found.start()])
        if ord(found[0]) - _FIRST < len(kept):
            yield kept[ord(found[0]) - _FIRST]
        start = found.end()
    yield from _worded(text[start:])


def _worded(text: str) -> Iterator[Node]:
    if text:
        yield unescape(_EMOJI.sub(lambda found: EMOJI.get(found[1], found[0]), text))


def _with_breaks(lines: list[list[Node]]) -> list[Node]:
    return [node for place, line in enumerate(lines) for node in ([h("br")] if place else []) + line]


_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_BOX = re.compile(r"^(\s*[-*] )\[([ xX])\] ", re.MULTILINE)
_PARSER = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table")


def markdown(text: str) -> Node:
    """Comments are hidden as GitHub hides them; boxes are drawn, HTML stays text."""
    shown = _BOX.sub(lambda found: f"{found[1]}{'☑' if found[2] in 'xX' else '☐'} ", _COMMENT.sub("", text))
    return h("div", class_="markdown", innerHTML=_PARSER.render(shown))
