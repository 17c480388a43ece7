"""Buttons and menu entries: what a verb is called, and what a click on it carries.

A decision button carries the digest of what is decided (`Target.subject`); "…" at the end says that a form follows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.slack.ids import Target, encode
from bot.slack.messages.blocks import OPTION_VALUE, OVERFLOW_OPTIONS, Element, option, plain, select
from bot.slack.messages.mrkdwn import plain_user
from bot.usecases.facts import ItemFacts
from bot.usecases.verb import Verb

MENU = "menu"
"""The action_id of "More …": the chosen option's value is an encoded target whose `extra` is the verb."""

WORDS: Mapping[Verb, str] = {
    Verb.START: "Start a deployment …",
    Verb.JOIN: "Join",
    Verb.TAKE_OVER: "Take over …",
    Verb.PARK: "Park it",
    Verb.UNPARK: "Take it up again",
    Verb.RUN_CHECKS: "Run checks",
    Verb.ASK_NOW: "Ask now",
    Verb.GO: "Go …",
    Verb.BREAK_GLASS: "Break the glass …",
    Verb.REVIEW_GLASS: "Review the break-glass …",
    Verb.USE_NEW_FILES: "Use new files …",
    Verb.STAY: "Stay …",
    Verb.GIVE_RANGE: "Give the range …",
    Verb.SET_WINDOW: "Set the window …",
    Verb.RUN_ACT: "Run …",
    Verb.PLAN: "Plan",
    Verb.ADD_TO_RECORD: "Add to the record …",
    Verb.HOLD: "Hold …",
    Verb.RETRY: "Retry unchanged",
    Verb.COMPLETE: "Complete …",
    Verb.CLOSE: "Close …",
    Verb.ABORT: "Abort …",
    Verb.ROLL_BACK: "Roll back …",
    Verb.LIFT: "Free the environment",
    Verb.TROUBLESHOOT: "Troubleshoot …",
    Verb.SEE_EVERYTHING: "See everything",
    Verb.BLOCKERS: "What is missing?",
    Verb.STATUS: "Status",
    Verb.TICK: "Done",
    Verb.UNDO: "Undo",
    Verb.RUN_CHECK: "Run check",
    Verb.TICK_MANY: "Tick many …",
    Verb.MORE_ABOUT: "More about an item …",
    Verb.NOT_APPLICABLE: "Not applicable …",
    Verb.NOTE: "Note …",
    Verb.ASSIGN: "Assign …",
    Verb.OVERRIDE: "Override …",
    Verb.SIGN: "Approve",
    Verb.SECOND: "Second",
    Verb.REJECT: "Reject …",
    Verb.WITHDRAW: "Withdraw …",
    Verb.CLEAR_REJECTION: "Clear the rejection …",
    Verb.NOT_REQUIRED: "Not required …",
    Verb.SEE_SUBJECT: "See everything …",
    Verb.ACKNOWLEDGE: "Acknowledge",
    Verb.DELEGATE: "Delegate …",
    Verb.TAKE_BACK: "Take back",
}

# Acts without a form that others feel at once: one question more, none of them is on the routine path.
_CONFIRM: Mapping[Verb, str] = {
    Verb.PARK: "It keeps its state and its approvals, and lets another deployment have the environment.",
    Verb.LIFT: "The environment is free for the next start, without a corrective deployment.",
}


def words_of(verb: Verb) -> str:
    """The label; a verb that came later is called by its own name."""
    return WORDS.get(verb, verb.replace("_", " ").capitalize())


def button(verb: Verb, target: Target, words: str = "", style: str = "") -> Element:
    """A button that a listener finds by its verb (`action_id`). `style`: primary, danger, or none."""
    label = plain_user(words or words_of(verb))
    made: Element = {
        "type": "button",
        "action_id": str(verb),
        "text": plain(label, 75),
        "value": encode(target),
    }
    if verb in _CONFIRM:
        made["confirm"] = _confirmation(verb)
    return made | ({"style": style} if style else {})


def link_button(words: str, url: str, action_id: str = "open_link") -> Element:
    """A button that only opens an address; Slack still sends its click, which wants an empty answer."""
    return {"type": "button", "action_id": action_id, "text": plain(plain_user(words), 75), "url": url[:3000]}


def menu(verbs: Sequence[Verb], target_of: Mapping[Verb, Target]) -> list[Element]:
    """ "More …" as an overflow, or as a select where there are more than five entries; none for no verbs."""
    if not verbs:
        return []
    entries = [option(words_of(verb), encode(_with_verb(target_of[verb], verb))) for verb in verbs]
    if len(entries) > OVERFLOW_OPTIONS:
        return [select(MENU, "More …", entries)]
    return [{"type": "overflow", "action_id": MENU, "options": entries}]


def more_about(items: Sequence[ItemFacts], placeholder: str = "More about an item …") -> list[Element]:
    """The menu that opens one item. An option has room for the item's id only: the block_id carries the deployment.

    An item whose id is too long for an option is left out; its own button still works.
    """
    options = [option(item.label, item.id) for item in items if len(item.id) <= OPTION_VALUE]
    return [select(str(Verb.MORE_ABOUT), placeholder, options)] if options else []


def _with_verb(target: Target, verb: Verb) -> Target:
    return Target(target.deployment, target.item, target.section, target.role, target.subject, extra=str(verb))


def _confirmation(verb: Verb) -> Element:
    return {
        "title": plain(f"{words_of(verb).removesuffix(' …')}?", 100),
        "text": plain(_CONFIRM[verb], 300),
        "confirm": plain(words_of(verb).removesuffix(" …"), 30),
        "deny": plain("Leave it", 30),
    }
