"""Each verb is one row: its use case and what that takes of the click, its form, its reason, its command.

A reader finds the act of every button, form, command and mention here; the words on its button stand in
`bot/usecases/verb.py`. Buttons, forms, commands and help derive from these rows.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.slack.inbound import answers, command_words, commands, opening, verb_row
from bot.slack.inbound.click import Click
from bot.slack.inbound.verb_row import (
    Command,
    VerbRow,
    deployment,
    does,
    environment,
    extra,
    item,
    notice,
    opens,
    reason,
    role,
    section,
    seen,
    subject,
    typed,
)
from bot.slack.messages.forms import completion, everything, going, hard_day, sql
from bot.slack.messages.forms import item as item_forms
from bot.slack.messages.forms.reason import Why
from bot.usecases import adding, locks, reminding, subscriptions, telling, tick, views, work
from bot.usecases.checking import runs
from bot.usecases.lifecycle import break_glass, complete, custody, go, hold, plan, roll_back, start
from bot.usecases.signoffs import decide, delegate
from bot.usecases.verb import Verb

CONFIRM = Why(
    "Confirm",
    "Which environment is it? Type its name.",
    "This role says yes by typing, so that nobody approves one environment for another.",
    when_needed=True,
)
VERBS: Mapping[str, VerbRow] = {
    Verb.START: VerbRow(
        does(start.start, typed("environment"), typed("range"), typed("title")),
        form=opening.start,
        command=Command(
            "start",
            'start a deployment: `{command} start production`, or `{command} start production "loyalty tiers"`',
            usage="ENVIRONMENT",
            answer=command_words.start,
        ),
        names_project=True,
    ),
    Verb.PLAN: VerbRow(
        does(plan.ask_plan, typed("environment"), typed("range")),
        command=Command(
            "plan",
            "every gate and check without starting anything; the answer comes privately",
            usage="ENVIRONMENT",
            answer=command_words.plan,
        ),
        names_project=True,
    ),
    Verb.LOCK: VerbRow(
        does(locks.lock, environment, reason, typed("until")),
        form=opening.lock,
        command=Command(
            "lock",
            "nothing is started there for a while: `{command} lock production moving the cluster until 18:00`",
            usage="ENVIRONMENT",
            answer=command_words.lock,
        ),
        names_project=True,
    ),
    Verb.UNLOCK: VerbRow(
        does(locks.unlock, environment, reason),
        why=Why("Unlock", "Why?", "Whoever locked it is told, with your reason.", submit="Unlock", when_needed=True),
        command=Command("unlock", answer=command_words.unlock),
        names_project=True,
    ),
    Verb.STATUS: VerbRow(
        shows=answers.standing, command=Command("status", "where your deployment stands", answer=commands.standing)
    ),
    Verb.BLOCKERS: VerbRow(
        shows=answers.missing, command=Command("blockers", "what is missing for the next step, and who can mend it")
    ),
    Verb.SEE_EVERYTHING: VerbRow(form=opening.every_section),
    Verb.SEE_SECTION: VerbRow(form=opens(everything.section_view, views.section, deployment, section)),
    Verb.RUN_CHECKS: VerbRow(
        does(runs.run_checks, deployment, section, item),
        command=Command(
            "checks",
            "run the checks of the open phase",
            done="The checks are running; the sections in the thread show their answers.",
        ),
    ),
    Verb.RUN_CHECK: VerbRow(does(runs.run_checks, deployment, section, item)),
    Verb.MINE: VerbRow(command=Command("mine", "what waits for you", answer=commands.mine)),
    Verb.TICK: VerbRow(
        does(tick.tick, deployment, item, reason),
        why=Why(
            "Done, with a reason",
            "Why is it done all the same?",
            "The check did not pass, or could not run. Your reason stands beside its answer in the record.",
            submit="Done",
            when_needed=True,
        ),
    ),
    Verb.TICK_MANY: VerbRow(
        does(tick.tick_many, deployment, Click.ticked),
        form=opening.tick_many,
    ),
    Verb.ADD_LINE: VerbRow(
        does(adding.add_line, deployment, typed("section"), typed("line"), typed("required")), form=opening.add_line
    ),
    Verb.TAKE_OUT: VerbRow(does(adding.take_out, deployment, item)),
    Verb.UNDO: VerbRow(does(tick.undo, deployment, item)),
    Verb.MORE_ABOUT: VerbRow(form=opens(item_forms.view, views.item_detail, deployment, item, lambda click: click.who)),
    Verb.NOT_APPLICABLE: VerbRow(
        does(tick.not_applicable, deployment, item, reason),
        why=Why("Not applicable", "Why does it not apply?", "The item counts as settled, with your reason."),
    ),
    Verb.NOTE: VerbRow(
        does(tick.note, deployment, item, reason),
        why=Why("Note", "Note", "The note goes into the record. It does not settle the item.", submit="Keep the note"),
    ),
    Verb.ASSIGN: VerbRow(
        does(work.give, deployment, item, section, typed("person"), typed("role")),
        form=opens(item_forms.give_view, views.give_form, deployment, item, section),
    ),
    Verb.CLAIM: VerbRow(does(work.claim, deployment, item, section)),
    Verb.TAKE: VerbRow(does(work.take, deployment, item, section)),
    Verb.GIVE_BACK: VerbRow(does(work.give_back, deployment, item, section)),
    Verb.OVERRIDE: VerbRow(
        does(tick.override, deployment, item, reason, seen),
        why=Why(
            "Override",
            "Why may it go on?",
            "The item counts as done although its check failed. It is shown in amber, and a new answer ends "
            "the override.",
        ),
    ),
    Verb.RUN_ACT: VerbRow(
        does(runs.run_act, deployment, item, extra),
        form=opens(item_forms.act_view, views.act_form, deployment, item, extra),
    ),
    Verb.ASK_NOW: VerbRow(verb_row.ask_now, command=Command("ask", done="Asked.")),
    Verb.SEE_SQL: VerbRow(form=opens(sql.view, views.sql_detail, deployment, extra)),
    Verb.SEE_SUBJECT: VerbRow(form=opens(everything.subject_view, views.subject_detail, deployment)),
    Verb.SIGN: VerbRow(
        does(decide.sign, deployment, role, subject, typed("comment"), reason), why=CONFIRM, offered_anew=True
    ),
    Verb.SECOND: VerbRow(does(decide.second, deployment, role, subject, reason), why=CONFIRM, offered_anew=True),
    Verb.REJECT: VerbRow(
        does(decide.reject, deployment, role, subject, reason),
        why=Why("Reject", "What has to change?", "One rejection blocks go until you clear it or the files change."),
    ),
    Verb.WITHDRAW: VerbRow(
        does(decide.withdraw, deployment, role, reason),
        why=Why(
            "Withdraw",
            "Why? (may stay empty)",
            "Your sign-off no longer counts; the role is open again.",
            optional=True,
        ),
    ),
    Verb.CLEAR_REJECTION: VerbRow(
        does(decide.clear_rejection, deployment, role, reason),
        why=Why(
            "Clear the rejection", "Why is it settled?", "The role is open again and is asked anew.", submit="Clear it"
        ),
    ),
    Verb.NOT_REQUIRED: VerbRow(
        does(decide.not_required, deployment, role, subject, reason),
        why=Why("Not required", "Why is it not required?", "The role no longer blocks go; the record says so."),
    ),
    Verb.ACKNOWLEDGE: VerbRow(does(telling.acknowledge, notice)),
    Verb.GO: VerbRow(
        does(go.ask_go, deployment, subject),
        form=opens(going.go_view, views.go_form, deployment),
        command=Command("go"),
        expires=True,
    ),
    Verb.HOLD: VerbRow(
        does(hold.hold, deployment, reason),
        why=Why(
            "Hold",
            "What did you see?",
            "Deploying is held: nothing completes until somebody retries, continues, completes or rolls "
            "back. A migration that runs is not stopped by this.",
        ),
        command=Command("hold"),
    ),
    Verb.RETRY: VerbRow(does(hold.retry, deployment), command=Command("retry", done="It goes on.")),
    Verb.COMPLETE: VerbRow(
        verb_row.complete_with,
        form=opens(completion.view, views.completion_form, deployment),
        command=Command("complete", "the form that ends deploying"),
        expires=True,
    ),
    Verb.ABORT: VerbRow(
        does(custody.abort, deployment, reason),
        why=Why("Abort", "Why?", "The deployment ends before go, and the environment is free. Nothing was run."),
        command=Command("abort", "end it before go"),
        expires=True,
    ),
    Verb.TROUBLESHOOT: VerbRow(
        does(hold.troubleshoot, deployment, typed("list")),
        form=opening.troubleshoot,
        command=Command("troubleshoot", "open a list for when something is wrong"),
    ),
    Verb.ROLL_BACK: VerbRow(
        does(roll_back.roll_back, deployment, typed("choice"), reason),
        form=opens(hard_day.roll_back_view, views.roll_back_form, deployment),
        command=Command("rollback", "the way back: down files, fix forward, or restore"),
        expires=True,
    ),
    Verb.CLOSE: VerbRow(
        does(complete.close, deployment, reason),
        why=Why(
            "Close early",
            "Why now?",
            "What is still open is recorded as not done, with your reason.",
            submit="Close",
            when_needed=True,
        ),
        command=Command("close", done="Closed."),
    ),
    Verb.JOIN: VerbRow(does(start.join, deployment), command=Command("join", done="You are a deployer now.")),
    Verb.TAKE_OVER: VerbRow(
        does(custody.take_over, deployment, reason),
        why=Why(
            "Take over",
            "Why?",
            "The owner is told and has 10 minutes to answer; after 4 hours without an act it is yours at once.",
        ),
        command=Command("takeover"),
        expires=True,
    ),
    Verb.HAND_OVER: VerbRow(
        does(custody.offer, deployment, typed("person"), typed("note")),
        form=opening.hand_over,
        command=Command("handover"),
    ),
    Verb.TAKE_OFFERED: VerbRow(does(custody.take_offered, deployment)),
    Verb.SNOOZE: VerbRow(does(reminding.snooze, deployment, extra)),
    Verb.PARK: VerbRow(does(custody.park, deployment, reason), command=Command("park", done="Parked.")),
    Verb.UNPARK: VerbRow(
        does(custody.unpark, deployment), command=Command("unpark", done="It holds the environment again.")
    ),
    Verb.START_CORRECTIVE: VerbRow(does(start.start_corrective, deployment), expires=True),
    Verb.LIFT: VerbRow(does(complete.lift, deployment), command=Command("lift", done="The environment is free.")),
    Verb.SET_WINDOW: VerbRow(verb_row.set_window, form=opening.window, command=Command("window")),
    Verb.SET_TITLE: VerbRow(
        does(plan.set_title, deployment, typed("title")), form=opening.title, command=Command("title")
    ),
    Verb.GIVE_RANGE: VerbRow(
        does(start.give_range, deployment, typed("range")), form=opening.give_range, command=Command("range")
    ),
    Verb.USE_NEW_FILES: VerbRow(does(hold.use_new_files, deployment, subject), form=opening.moved_files),
    Verb.STAY: VerbRow(does(hold.stay, deployment, subject), form=opening.moved_files),
    Verb.BREAK_GLASS: VerbRow(
        does(break_glass.break_glass, deployment, subject, reason, typed("environment")),
        form=opening.break_glass,
        command=Command("breakglass"),
        expires=True,
    ),
    Verb.REVIEW_GLASS: VerbRow(
        does(break_glass.review_glass, deployment, reason),
        why=Why(
            "Review the break-glass",
            "What did you find?",
            "Your review stands beside the break in the record.",
            submit="Reviewed",
        ),
    ),
    Verb.DELEGATE: VerbRow(
        verb_row.delegate_role,
        form=opening.delegate,
        command=Command(
            "delegate",
            "somebody signs for you: `{command} delegate dba @dana until Friday`",
            answer=command_words.delegate,
        ),
        names_project=True,
    ),
    Verb.TAKE_BACK: VerbRow(does(delegate.take_back, role), names_project=True),
    Verb.SUBSCRIBE: VerbRow(
        does(subscriptions.subscribe, typed("environment"), typed("event")),
        command=Command(
            "subscribe",
            "hear by direct message of deployments that are not yours: `{command} subscribe production completion`",
            usage="ENVIRONMENT EVENT",
            answer=command_words.subscribe,
        ),
        names_project=True,
    ),
    Verb.UNSUBSCRIBE: VerbRow(
        does(subscriptions.unsubscribe, subject),
        command=Command("unsubscribe", answer=command_words.unsubscribe),
        names_project=True,
    ),
    Verb.SUBSCRIPTIONS: VerbRow(command=Command("subscriptions", answer=command_words.subscribed)),
    Verb.ADD_TO_RECORD: VerbRow(verb_row.keep_message),
    Verb.HISTORY: VerbRow(
        command=Command(
            "history", "the last deployments, how long they took, and who was waited for", answer=commands.history
        )
    ),
    Verb.QUIET: VerbRow(
        verb_row.keep_quiet,
        form=opening.quiet_hours,
        command=Command(
            "quiet",
            "when you are written to; `{command} quiet 19:00-08:00` keeps quiet hours of your own",
            answer=command_words.quiet,
        ),
    ),
    Verb.HELP: VerbRow(command=Command("help", answer=commands.helped)),
}
