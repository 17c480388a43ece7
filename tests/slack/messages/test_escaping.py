"""Whatever people, files or databases write, it mentions nobody, links nowhere, and stays on its line."""

from __future__ import annotations

import html
import re
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.deployment import KnownFacts
from bot.slack.messages import samples
from bot.slack.messages.blocks import (
    Rendered,
    bold,
    code,
    cut,
    link,
    mention,
    one_line,
    plain_user,
    size,
    spoken,
    user,
    within,
)
from bot.slack.messages.direct import personal, private
from bot.slack.messages.forms import everything
from bot.slack.messages.thread import dashboard, notice, phase, section, sign_off
from bot.usecases.facts import Blocker, Card, FileSeen, Named, NotPassed, Rehearsal
from checks.result import Status
from tests.slack.messages.slack_limits import accepted, foreign_tokens, shown

TEXT = st.text(max_size=400) | st.lists(
    st.sampled_from(
        ["<!channel>", "<@U0ANN>", "<https://e.vil|x>", "&lt;", "\n", "\u202e", "\u2068", "שלום", "|", ">", "*"]
    ),
    max_size=30,
).map(" ".join)


@given(TEXT)
def test_user_text_has_no_markup_and_one_line(text: str) -> None:
    made = user(text)
    assert "<" not in made
    assert ">" not in made
    assert not re.search(r"&(?!amp;|lt;|gt;)", made)
    assert "\n" not in made


@given(TEXT)
def test_user_text_reads_as_it_was_written(text: str) -> None:
    read = html.unescape(user(text, 10_000).replace("&", "&", 1)).strip("\u2068\u2069")
    assert read == one_line(text)


@given(TEXT)
def test_direction_ends_where_the_text_ends(text: str) -> None:
    made = user(text)
    assert not re.search("[\u202a-\u202e\u2066\u2067\u200e\u200f]", made)
    assert made.count("\u2068") == made.count("\u2069") <= 1


@given(TEXT, st.integers(5, 80))
def test_plain_text_keeps_its_length(text: str, most: int) -> None:
    assert len(plain_user(text, most)) <= most


@given(st.text(max_size=300), st.integers(1, 120))
def test_cut(text: str, most: int) -> None:
    made = cut(text, most)
    assert len(made) <= most
    assert made == text or made.endswith("…")


def test_cut_at_a_word() -> None:
    assert cut("restore stopped: role app does not exist", 30) == "restore stopped: role app…"


@given(TEXT, TEXT)
def test_cutting_a_block_breaks_no_token(before: str, after: str) -> None:
    token = "<!date^1795528980^{time}|14:03 UTC>"
    for most in range(1, 260, 7):
        made = within(f"{user(before)} {token} {user(after)}", most)
        assert len(made) <= most
        assert made.count("<") == made.count(">")
        assert not re.search(r"&(?!amp;|lt;|gt;)", made)


@given(TEXT)
def test_code_is_literal(text: str) -> None:
    block = code(text)
    assert block["type"] == "rich_text"
    assert len(block["elements"][0]["elements"][0]["text"]) <= 2900


@given(TEXT)
def test_only_ids_are_mentioned(text: str) -> None:
    assert "<" not in mention(text) or re.fullmatch(r"<@[UW][A-Z0-9]+>", mention(text))
    assert "<" not in bold(text)


@given(TEXT)
def test_only_addresses_are_linked(text: str) -> None:
    made = link(text, "there")
    assert "<" not in made or re.fullmatch(r"<https?://[^\s<>|]+\|there>", made)


@settings(max_examples=60, deadline=None)
@given(TEXT)
def test_every_text_of_an_item(text: str) -> None:
    item = replace(
        samples.RESTORE, label=text or "-", evidence=text, hint=text, by=Named("U1", text), condition=text, link=text
    )
    facts = replace(samples.SECTION, title=text or "-", group=text, items=(item, *samples.SECTION.items))
    for drawn in section.render_all(facts):
        accepted(drawn)
        assert foreign_tokens(drawn) == []


@settings(max_examples=60, deadline=None)
@given(TEXT)
def test_every_text_of_the_dashboard_and_a_sign_off(text: str) -> None:
    facts = replace(
        dashboard.EXAMPLES["held"],
        blockers=(Blocker("item", "i", text, (text,)), Blocker(text, "", text)),
        warnings=(text,),
        hold_reason=text,
        hold_finding=text,
        amber=(text,),
        broken_glass=text,
        names={"U0BO": text},
        started_by=Named("U1", text),
    )
    for drawn in (
        dashboard.render(facts),
        sign_off.render(replace(samples.WAITING_DBA, reason=text, card=_card(text))),
    ):
        accepted(drawn)
        assert foreign_tokens(drawn) == []


def _card(text: str) -> Card:
    return Card(
        files=(FileSeen(text, text, text, 0),),
        not_tried=text,
        rehearsal=Rehearsal(text, missing=(text,)),
        commit=text,
        commit_link=text,
        not_passed=(NotPassed(text, Status.FAILED, text, text),),
        open_items=(text,),
        warnings=(text,),
    )


@settings(max_examples=60, deadline=None)
@given(TEXT)
def test_every_text_of_what_is_said(text: str) -> None:
    told = (
        notice.render(
            replace(
                notice.EXAMPLES["done"],
                reason=text,
                owner=text,
                channel=text,
                deployment=replace(samples.PREPARING, title=text, environment=text, facts=KnownFacts(changes=text)),
                acknowledged=((text, samples.NOON),),
            )
        ),
        phase.render({**phase.EXAMPLES["held"], "reason": text, "by": text}),
        personal.rejected({**personal.EXAMPLES["rejected"][1], "reason": text, "by": text, "title": text}),
        private.render({"text": f"Refused: {text}"}),
        private.help_render(text, ((text, "what it does"),), (text,), wrong=text, nearest=text),
    )
    for drawn in told:
        accepted(drawn)
        assert foreign_tokens(drawn) == []


def test_quotes_are_not_turned_into_entities() -> None:
    drawn = private.render({"text": 'role "app" isn\'t there & <!channel> is no mention'})
    assert 'role "app" isn\'t there &amp; &lt;!channel&gt; is no mention' in shown(drawn)


def test_text_for_screen_readers_has_words_for_tokens() -> None:
    assert spoken("*Go* <!date^1795528980^{time}|14:03 UTC> <https://a.example/x|open its thread>") == (
        "Go 14:03 UTC open its thread"
    )


def test_a_name_from_right_to_left_is_isolated() -> None:
    item = replace(samples.BACKUP, by=Named("U1", "שלום 12"))
    drawn = Rendered("", everything.section_view(replace(samples.SECTION, items=(item,)))["blocks"])
    assert "\u2068שלום 12\u2069" in shown(drawn)
    assert size(drawn.blocks) < 9000
