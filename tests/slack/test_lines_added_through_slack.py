"""A line added from a section's menu, seen with who added it, ticked like any other, and taken out again."""

from __future__ import annotations

from bot_under_test import BotUnderTest, eventually, started

from bot.demo.standin import Person

LISTED = "Pre-Deployment Checks   1 of"


def test_a_line_is_added_from_the_menu_of_its_section_and_ticked(bot: BotUnderTest, ann: Person) -> None:
    thread = started(bot, ann)
    ann.chooses("More about an item …", "Add a line …", in_=thread.sees(LISTED))
    form = ann.modal("Add a line")
    assert form.value("Section") == "Pre-Deployment Checks"
    form.fill("Line", "Rollback  plan prepared")
    assert "has that line already" in str(form.submit())
    form.fill("Line", "Warm the cache").choose("Who waits for it", "Needed for go")
    assert form.submit() is None
    shown = thread.sees("open  Warm the cache · needed for go · added by ann today").text()
    assert shown.startswith("Pre-Deployment Checks   1 of 8 settled")
    assert eventually(lambda: "of 16 needed for go" in ann.sees("#deploys", "migrations 00008–00010").text())
    ann.presses("Done", in_=thread.sees("Warm the cache"), beside="Warm the cache")
    thread.sees("Pre-Deployment Checks   2 of 8 settled")


def test_it_is_added_from_everything_and_taken_out_where_it_is_looked_at(bot: BotUnderTest, ann: Person) -> None:
    thread = started(bot, ann)
    ann.presses("See everything", in_=ann.sees("#deploys", "migrations 00008–00010"))
    ann.chooses("More about …", "Add a line …", in_=ann.modal("Everything"), beside="Testing")
    form = ann.modal("Add a line")
    form.fill("Line", "Try it with the old client").choose("Who waits for it", "Needed for go")
    assert form.submit() is None
    ann.modal("Everything").cancel()
    shown = thread.sees("Try it with the old client · needed for go · added by ann")
    ann.chooses("More about an item …", "Try it with the old client", in_=shown)
    ann.modal("Item").presses("Take the line out")
    assert eventually(lambda: "Try it" not in thread.sees("Testing   0 of 12 settled").text())
