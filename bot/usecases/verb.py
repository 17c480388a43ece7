"""Everything that a person can do, and what it is called on the screen."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Verb(StrEnum):
    """Everything a person can do by button, menu entry or command; each has its row in `bot/slack/inbound/verbs.py`.

    `words` stand on its button, "…" at their end says that a form follows; without words it is called by its name.
    `confirm` is asked first where others feel an act at once and no form stands before it; none of these is on the
    routine path.
    """

    words: str
    confirm: str

    def __new__(cls, value: str, words: str = "", confirm: str = "") -> Self:
        verb = str.__new__(cls, value)
        verb._value_ = value
        verb.words = words or value.replace("_", " ").capitalize()
        verb.confirm = confirm
        return verb

    START = "start", "Start a deployment …"
    JOIN = "join", "Join"
    TAKE_OVER = "take_over", "Take over …"
    PARK = (
        "park",
        "Park it",
        "It keeps its state and its approvals, and lets another deployment have the environment.",
    )
    UNPARK = "unpark", "Take it up again"
    RUN_CHECKS = "run_checks", "Run checks"
    ASK_NOW = "ask_now", "Ask now"
    GO = "go", "Go …"
    BREAK_GLASS = "break_glass", "Break the glass …"
    REVIEW_GLASS = "review_glass", "Review the break-glass …"
    USE_NEW_FILES = "use_new_files", "Use new files …"
    STAY = "stay", "Stay …"
    HOLD = "hold", "Hold …"
    RETRY = "retry", "Retry unchanged"
    COMPLETE = "complete", "Complete …"
    CLOSE = "close", "Close …"
    ABORT = "abort", "Abort …"
    ROLL_BACK = "roll_back", "Roll back …"
    START_CORRECTIVE = "start_corrective", "Start the corrective deployment"
    LIFT = (
        "lift",
        "Free the environment",
        "The environment is free for the next start, without a corrective deployment.",
    )
    TROUBLESHOOT = "troubleshoot", "Troubleshoot …"
    SEE_SECTION = "see_section", "Show"
    SEE_EVERYTHING = "see_everything", "See everything"
    BLOCKERS = "blockers", "What is missing?"
    STATUS = "status", "Status"
    TICK = "tick", "Done"
    UNDO = "undo", "Undo"
    RUN_CHECK = "run_check", "Run check"
    TICK_MANY = "tick_many", "Tick many …"
    ADD_LINE = "add_line", "Add a line …"
    TAKE_OUT = "take_out", "Take the line out"
    MORE_ABOUT = "more_about", "More about an item …"
    NOT_APPLICABLE = "not_applicable", "Not applicable …"
    NOTE = "note", "Note …"
    ASSIGN = "assign", "Give to …"
    CLAIM = "claim", "I'm on it"
    TAKE = "take", "Take it"
    GIVE_BACK = "give_back", "Not me"
    OVERRIDE = "override", "Override …"
    SIGN = "sign", "Approve"
    SECOND = "second", "Second"
    REJECT = "reject", "Reject …"
    WITHDRAW = "withdraw", "Withdraw …"
    CLEAR_REJECTION = "clear_rejection", "Clear the rejection …"
    NOT_REQUIRED = "not_required", "Not required …"
    SEE_SQL = "see_sql", "See the SQL …"
    SEE_SUBJECT = "see_subject", "See everything …"
    ACKNOWLEDGE = "acknowledge", "Acknowledge"
    DELEGATE = "delegate", "Delegate …"
    TAKE_BACK = "take_back", "Take back"
    ADD_TO_RECORD = "add_to_record", "Add to the record …"
    GIVE_RANGE = "give_range", "Give the range …"
    SET_WINDOW = "set_window", "Set the window …"
    SET_TITLE = "set_title", "Say what it is about …"
    RUN_ACT = "run_act", "Run …"
    SNOOZE = "snooze", "Snooze …"
    HAND_OVER = "hand_over", "Hand over …"
    TAKE_OFFERED = "take_offered", "Take it over"
    LOCK = "lock", "Lock …"
    UNLOCK = "unlock", "Unlock"
    PLAN = "plan", "Plan"
    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe", "End"
    SUBSCRIPTIONS = "subscriptions", "What you hear of"
    MINE = "mine", "What waits for me"
    HISTORY = "history", "The last deployments"
    QUIET = "quiet", "Quiet hours …"
    HELP = "help", "Help"
