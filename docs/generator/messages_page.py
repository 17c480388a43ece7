"""docs/messages.md: each template of a message with the facts that it may use, from the examples of the code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from bot.slack.messages.own_words import known_facts
from bot.slack.messages.templates import FILTERS, GLOBALS
from docs.generator.markdown import page, table

_INTRO = """The words of messages are [Jinja](https://jinja.palletsprojects.com) templates. To say some of them in
your own way, name a folder in the settings, and put files of the same names there:

```toml
[workspace]
templates = "ops/templates"       # ops/templates/notice/start.j2 replaces notice/start.j2, and so on
```

Copy from [templates/messages](../templates/messages). `gonogo preview notice` prints what people will read, with the
name of each state; without a name it prints every message. At start, and by `gonogo doctor`, each of your files is
tried with every example: a syntax error, a fact that is not there, a file that replaces nothing, a paragraph beyond
Slack's 3,000 characters is named with its file and line, and the bot does not start. A file that is changed later is
read at the next start.

An empty line ends a paragraph. What a template prints is escaped; nobody is mentioned by it, but by `mention`.
Templates run in Jinja's sandbox: one has its facts, the filters below and `link`, and nothing else of the bot.

Sets of words: `notice/support/start.j2` is said to who reads the words `support` (see
[audiences](settings.md#audiencesname)), and `notice/start.j2` where there is no such file. `management` and `support`
ship; a folder of another name is a set of your own, with the facts of the file of the same name in `notice/`. A file
that yours include, such as `notice/changes.j2`, has the facts of the file that includes it."""
_HEAD = ("file", "facts, and an example of each")
_FOLDERS = ("", "direct", "notice", "phase")


def messages_page() -> str:
    """The page."""
    filters = f"Filters: {_names(FILTERS)}, and Jinja's own. Functions: {_names(GLOBALS)}`(address, words)`."
    known = {name: _seen(given) for name, given in known_facts().items()}
    folders = [_folder({name: facts for name, facts in known.items() if _place(name) == one}, one) for one in _FOLDERS]
    return page("# Messages", _INTRO, filters, *folders)


def _place(name: str) -> str:
    return name.rpartition("/")[0]


def _folder(known: Mapping[str, Mapping[str, Any]], folder: str) -> str:
    """A heading, the facts that all of its files have, and a table with what each has besides."""
    shared = set.intersection(*map(set, known.values())) if folder else set()
    every = next(iter(known.values()))
    head = f"## {folder or 'answers'}\n\n" + (f"Each of these has {_facts(every, shared)}.\n\n" if shared else "")
    rows = [[f"`{name}`", _facts(facts, set(facts) - shared)] for name, facts in known.items()]
    return head + table(_HEAD, rows)


def _seen(given: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The facts that some example has, each once; the others are empty in this message."""
    found: dict[str, Any] = {}
    for facts in given:
        found |= {name: value for name, value in facts.items() if value and name not in found}
    return found


def _facts(facts: Mapping[str, Any], names: Iterable[str]) -> str:
    return ", ".join(f"`{name}` ({_example(facts[name])})" for name in sorted(names))


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))


def _example(value: Any) -> str:
    if isinstance(value, datetime):
        return "a time"
    if isinstance(value, bool):
        return "yes or no"
    if isinstance(value, str | int):
        text = str(value).replace("\n", " ").replace("`", "")
        return text if len(text) <= 40 else f"{text[:39]}…"
    return "a list"
