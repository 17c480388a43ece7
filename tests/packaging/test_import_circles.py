"""No module of the product imports itself in a circle, not even inside a function; imports for types alone are free."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import grimp

PACKAGES = ("bot", "checks")


def circles(imports: Mapping[str, set[str]]) -> Iterator[list[str]]:
    """One circle of each knot of modules, from its first name back to it."""
    left = {module: set(imported) for module, imported in imports.items()}
    while True:
        # Modules that import nothing any more, or that nobody imports, stand in no circle.
        imported = {name for names in left.values() for name in names}
        ends = {module for module, names in left.items() if not names or module not in imported}
        if not ends:
            break
        left = {module: names - ends for module, names in left.items() if module not in ends}
    seen: set[str] = set()
    for start in sorted(left):
        circle = _back_to(start, left) if start not in seen else []
        seen.update(circle)
        if circle:
            yield circle


def _back_to(start: str, imports: Mapping[str, set[str]]) -> list[str]:
    """The shortest way from a module to itself; [] where it only lies between two circles."""
    ways = [[start, name] for name in sorted(imports[start])]
    seen = set(imports[start])
    for way in ways:
        if way[-1] == start:
            return way
        new = sorted(imports[way[-1]] - seen)
        seen.update(new)
        ways += [[*way, name] for name in new]
    return []


def test_a_circle_is_named_and_what_hangs_on_it_is_not() -> None:
    imports = {"a": {"b"}, "b": {"c"}, "c": {"b", "d"}, "d": {"e", "f"}, "e": {"d"}, "f": set()}
    assert list(circles(imports)) == [["b", "c", "b"], ["d", "e", "d"]]
    assert list(circles({"a": {"b"}, "b": set()})) == []


def test_no_module_imports_itself_in_a_circle() -> None:
    graph = grimp.build_graph(*PACKAGES, exclude_type_checking_imports=True, cache_dir=None)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    assert len(imports) > 300
    found = [" -> ".join(circle) for circle in circles(imports)]
    assert not found, "circles of imports:\n" + "\n".join(found)
