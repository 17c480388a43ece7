"""What the page is made of: plain lists that `static/tree.js` hands to Vue's `h`.

A node is a text, or `[tag, attributes, *children]`. The attribute `act` is what the server is told when a person
presses, chooses or submits there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

Node = str | list[Any]
Act = dict[str, Any]
Child = Node | None


def h(tag: str, *children: Child | Iterable[Child], **attributes: Any) -> Node:
    """An element. None among the children is left out; `class_` and `aria_label` become `class` and `aria-label`."""
    given = {name: value for name, value in attributes.items() if value is not None and value is not False}
    return [tag, {name.rstrip("_").replace("_", "-"): value for name, value in given.items()}, *flattened(children)]


def button(*children: Child | Iterable[Child], act: Act, class_: str | None = "button", **more: Any) -> Node:
    """What a person presses, and what the server is then told."""
    return h("button", *children, type="button", class_=class_, act=act, **more)


def cross(label: str, act: Act) -> Node:
    """The sign that closes what it stands in."""
    return button("✕", act=act, class_="button icon", aria_label=label)


def flattened(children: Iterable[Any]) -> Iterator[Node]:
    """Texts and elements, with lists of them opened up."""
    for child in children:
        if child is None or child == "":
            continue
        if isinstance(child, str) or is_element(child):
            yield child
        else:
            yield from flattened(child)


def is_element(child: Any) -> bool:
    return isinstance(child, list) and len(child) >= 2 and isinstance(child[0], str) and isinstance(child[1], dict)


def words(node: Node) -> str:
    """The text of a node and all below it."""
    return node if isinstance(node, str) else "".join(words(child) for child in node[2:])


def every(node: Node, tag: str) -> Iterator[list[Any]]:
    """Every element of this tag, the node itself too."""
    if isinstance(node, str):
        return
    if node[0] == tag:
        yield node
    for child in node[2:]:
        yield from every(child, tag)
