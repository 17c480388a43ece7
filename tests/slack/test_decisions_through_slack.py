"""Sign-offs, go and the forms around them, as approvers and deployers meet them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from bot_under_test import BotUnderTest, deployment_of, eventually, project_of, started

from bot.demo.standin import Person, StandIn
from bot.slack.messages.buttons import Target, encode
from bot.usecases.act import Act
from bot.usecases.checking.record_reading import record_reading
from bot.usecases.verb import Verb
from tests.usecases.team import reading

MakeBot = Callable[..., BotUnderTest]


def asked(bot: BotUnderTest, ann: Person):  # type: ignore[no-untyped-def]
    thread = started(bot, ann)
    ann.presses("Ask now", in_=thread.messages()[0])
    return thread


def test_an_approver_decides_in_the_direct_message(bot: BotUnderTest, ann: Person, dana: Person) -> None:
    thread = asked(bot, ann)
    question = dana.sees("@gonogo", "Database administrator approval is asked of you")
    dana.presses("Approve as DBA", in_=question)
    question.becomes("✓ You approved")
    assert question.buttons() == ["Withdraw …", "See the SQL …", "See everything …", "Open the thread"]
    thread.sees("Database administrator").becomes("✓ approved by dana")
    thread.messages()[0].becomes("waiting for backend")
    dana.presses("Withdraw …", in_=question)
    assert dana.modal("Withdraw").submit() is None
    question.becomes("is asked of you")
    assert "Approve as DBA" in question.buttons()


def test_a_decision_in_the_thread_closes_the_direct_messages(
    slack: StandIn, make_bot: MakeBot, ann: Person, bo: Person, dana: Person
) -> None:
    slack.add_group("dba-team", ["dana", "bo"])
    thread = asked(make_bot().connected(), ann)
    question = bo.sees("@gonogo", "Database administrator approval is asked of you")
    dana.presses("Approve as DBA", in_=thread.sees("Database administrator"))
    question.becomes("✓ dana approved as DBA")
    assert question.buttons() == ["Open the thread"]


def test_a_decision_on_app_home_stands_there_with_its_way_back(bot: BotUnderTest, ann: Person, dana: Person) -> None:
    asked(bot, ann)
    dana.sees("@gonogo", "is asked of you")
    dana.presses("Approve as DBA", in_=dana.opens_home())
    assert "✓ You approved" in dana.home("✓ You approved")
    dana.presses("Withdraw …", in_=dana.opens_home())
    assert dana.modal("Withdraw").submit() is None


def test_a_role_may_confirm_by_typing(slack: StandIn, make_bot: MakeBot, ann: Person, dana: Person) -> None:
    project = project_of(slack)
    typing = {**project.roles, "dba": replace(project.roles["dba"], confirm_typed=True)}
    bot = make_bot(project=replace(project, roles=typing)).connected()
    asked(bot, ann)
    question = dana.sees("@gonogo", "Database administrator approval is asked of you")
    dana.presses("Approve as DBA", in_=question)
    form = dana.modal("Confirm").fill("Which environment is it?", "staging")
    assert "production, to confirm" in str(form.submit())
    assert form.fill("Which environment is it?", "production").submit() is None
    question.becomes("✓ You approved")


def test_the_sql_is_read_page_by_page(slack: StandIn, make_bot: MakeBot, ann: Person, dana: Person) -> None:
    bot = make_bot(project=replace(project_of(slack), has_migrations=True)).connected()
    assert eventually(lambda: bot.store.read(lambda reader: reader.people.person("U0ANN")))
    ann.types("/deploy start production")
    dashboard = ann.sees("#deploys", "Production")
    rows = "\n".join(f"INSERT INTO tiers VALUES ({number}, 'tier {number}');" for number in range(4000))
    reads(bot, {"00008_first.sql": b"SELECT 8;", "00009_many.sql": rows.encode(), "00010_last.sql": b"SELECT 10;"})
    ann.presses("Ask now", in_=dashboard.becomes("migrations 00008–00010"))
    dana.presses("See the SQL …", in_=dana.sees("@gonogo", "is asked of you"))
    form, seen = dana.modal("The SQL"), ""
    assert "[Previous files]" not in form.text()
    while "[Next files]" in form.text():
        seen += form.text()
        page = seen.count("page ") + 1
        form.presses("Next files")
        form.becomes(f"page {page} of")
    seen += form.text()
    assert [words for words in ("SELECT 8;", "(0, 'tier 0')", "(3999,", "SELECT 10;") if words not in seen] == []
    form.presses("Previous files")
    form.becomes(f"page {page - 1} of")


def reads(bot: BotUnderTest, contents: dict[str, bytes]) -> None:
    deployment, now = deployment_of(bot).id, datetime.now(UTC)
    act = Act("gonogo", now, "")
    bot.store.write(lambda unit: record_reading(unit, bot.project, act, deployment, reading(contents, now)))


def test_the_deployers_own_approval_is_refused_with_the_reason(bot: BotUnderTest, ann: Person) -> None:
    thread = asked(bot, ann)
    role = thread.sees("DevOps")
    ann.presses("Reviewed as devops", in_=role)
    ann.hears("deployer")
    assert "reviewed by" not in role.text()


def test_a_withdrawal_keeps_why(bot: BotUnderTest, ann: Person, dana: Person) -> None:
    thread = asked(bot, ann)
    role = thread.sees("Database administrator")
    dana.presses("Approve as DBA", in_=role)
    role.becomes("✓ approved by dana")
    dana.presses("Withdraw …", in_=role)
    form = dana.modal("Withdraw")
    assert form.fill(form.labels()[0], "the index is missing").submit() is None
    (given,) = bot.store.read(lambda reader: reader.sign_offs.of(deployment_of(bot).id))
    assert (given.withdrawn_at is not None, given.ended_why) == (True, "the index is missing")


def test_a_rejection_needs_its_reason_and_blocks(bot: BotUnderTest, ann: Person, bo: Person) -> None:
    thread = asked(bot, ann)
    bo.presses("Reject …", in_=thread.sees("Backend engineer"))
    form = bo.modal("Reject")
    assert form.submit() is not None
    form.fill("What has to change?", "orders is locked for minutes")
    assert form.submit() is None
    thread.sees("Backend engineer").becomes("✗ rejected by bo")
    ann.hears("orders is locked for minutes")


def test_a_decision_about_something_else_is_not_recorded_and_offered_anew(
    bot: BotUnderTest, slack: StandIn, ann: Person, dana: Person
) -> None:
    thread = asked(bot, ann)
    message = thread.sees("Database administrator")
    stale = encode(Target(deployment_of(bot).id, role="dba", subject="0" * 64))
    assert slack.click("dana", message, Verb.SIGN, value=stale) is None
    dana.presses("Sign as DBA", in_=dana.hears("Sign as DBA"))
    message.becomes("✓ approved by dana")


def test_go_says_in_its_form_what_is_missing(bot: BotUnderTest, ann: Person) -> None:
    thread = started(bot, ann)
    ann.presses("Go …", in_=thread.messages()[0])
    form = ann.modal("Go")
    assert "Not yet" in form.text()
    assert "Database backup completed" in form.text()


def test_everything_leads_to_each_item(bot: BotUnderTest, ann: Person) -> None:
    thread = started(bot, ann)
    ann.presses("See everything", in_=thread.messages()[0])
    everything = ann.modal("Everything")
    ann.chooses("More about …", "Test partition creation", in_=everything, beside="Testing")
    item = ann.modal("Item")
    item.presses("Not applicable …")
    form = ann.modal("Not applicable").fill("Why does it not apply?", "no partitions here")
    assert form.submit() is None
    item.becomes("no partitions here")
    thread.sees("Testing").becomes("– 1 n/a")


def test_a_list_of_a_phase_opens_whole_and_follows_what_is_done_in_it(bot: BotUnderTest, ann: Person) -> None:
    thread = started(bot, ann)
    ann.chooses("Open a list …", "Testing", in_=thread.sees("Getting ready"))
    shown = ann.modal("List")
    ann.chooses("More about an item …", "Test partition creation", in_=shown)
    ann.modal("Item").presses("Done")
    ann.modal("Item").becomes("✓ done Test partition creation").cancel()
    shown.presses("Done", beside="Test rollback procedures")
    shown.becomes("✓ done Test rollback procedures")
    thread.sees("Getting ready").becomes("Testing 1 for you · ✓ 2 done · ○ 9 optional, open")


def test_many_of_a_phase_are_ticked_at_once(bot: BotUnderTest, ann: Person) -> None:
    thread = started(bot, ann)
    ann.presses("Tick many …", in_=thread.sees("Getting ready"))
    form = ann.modal("Tick many")
    form.choose("Testing 1–10", "Run all migrations on test database")
    form.choose("Pre-Deployment Checks", "Database backup completed", "Rollback plan prepared")
    assert form.submit() is None
    thread.sees("Getting ready").becomes("Pre-Deployment Checks 2 for you")
    thread.sees("Testing").becomes("Testing ✓ 1 done · ○ 11 optional, open")


def test_troubleshooting_opens_its_list_in_the_thread(bot: BotUnderTest, ann: Person) -> None:
    thread = started(bot, ann)
    ann.chooses("More …", "Troubleshoot …", in_=thread.messages()[0])
    form = ann.modal("Troubleshoot").choose("What is wrong?", "Performance Issues")
    assert form.submit() is None
    thread.sees("Performance Issues")


def test_break_glass_is_refused_at_once_to_who_may_not(bot: BotUnderTest, slack: StandIn, ann: Person) -> None:
    thread = started(bot, ann)
    ann.chooses("More …", "Break the glass …", in_=thread.messages()[0])
    ann.hears("You cannot break the glass here")
    ona = slack.person("ona")
    ona.chooses("More …", "Break the glass …", in_=thread.messages()[0])
    form = ona.modal("Break the glass")
    form.fill("Why can it not wait?", "payments are down since 15:58").fill("Type", "prod")
    assert form.submit() is not None
    assert deployment_of(bot).go_at is None


def test_after_an_abort_no_section_offers_what_it_refuses(bot: BotUnderTest, ann: Person) -> None:
    thread = started(bot, ann)
    section = thread.sees("Testing")
    assert "Tick many …" in section.text()
    ann.types("/deploy abort 1")
    ann.modal("Abort").fill("Why?", "not today").submit()
    thread.messages()[0].becomes("aborted")
    assert eventually(lambda: section.buttons() == ["Show"]), "reading is left"


def test_taking_over_asks_why_and_tells_the_owner(bot: BotUnderTest, ann: Person, bo: Person) -> None:
    thread = started(bot, ann)
    bo.chooses("More …", "Take over …", in_=thread.messages()[0])
    assert bo.modal("Take over").fill("Why?", "ann is on the train").submit() is None
    ann.hears("ann is on the train")


def test_parking_frees_the_environment(bot: BotUnderTest, ann: Person) -> None:
    thread = started(bot, ann)
    ann.chooses("More …", "Park it", in_=thread.messages()[0])
    thread.messages()[0].becomes("parked")
    assert "has started" in (ann.types("/deploy start production 00011") or "")


def test_delegating_names_both(bot: BotUnderTest, ann: Person, dana: Person) -> None:
    started(bot, ann)
    assert eventually(lambda: bot.store.read(lambda reader: reader.people.person("U0DANA")))
    assert dana.types("/deploy delegate") is None
    form = dana.modal("Delegate").choose("To", "bo")
    assert form.submit() is None
    dana.hears("signs as Database administrator")


def test_hold_before_go_is_refused_with_todays_state(bot: BotUnderTest, slack: StandIn, ann: Person) -> None:
    thread = started(bot, ann)
    value = encode(Target(deployment_of(bot).id))
    assert slack.click("ann", thread.messages()[0], Verb.HOLD, value=value) is None
    form = ann.modal("Hold").fill("What did you see?", "locks")
    assert "is preparing now" in str(form.submit())


def test_nobody_waives_the_role_they_hold(bot: BotUnderTest, ann: Person, bo: Person) -> None:
    thread = asked(bot, ann)
    bo.presses("Not required …", in_=thread.sees("Backend engineer"))
    form = bo.modal("Not required")
    assert "Only somebody else can waive it" in str(form.fill(form.labels()[0], "not this time").submit())
    assert "not required" not in thread.sees("Backend engineer").text()


def test_a_delegation_is_taken_back_where_it_was_given(
    bot: BotUnderTest, ann: Person, bo: Person, dana: Person
) -> None:
    thread = started(bot, ann)
    assert eventually(lambda: bot.store.read(lambda reader: reader.people.person("U0BO")))
    assert "bo signs as Database administrator" in (dana.types("/deploy delegate dba @bo until tomorrow") or "")
    bo.hears("You sign as Database administrator for dana")
    assert dana.types("/deploy delegate") is None
    dana.presses("Take back", in_=dana.modal("Delegate"), beside="bo signs as Database administrator")
    bo.hears("you no longer do it for them")
    ann.presses("Ask now", in_=thread.messages()[0])
    bo.presses("Approve as DBA", in_=thread.sees("Database administrator"))
    bo.hears("You do not hold it, so nothing was recorded")


def test_a_delegation_is_taken_back_by_a_word(bot: BotUnderTest, ann: Person, dana: Person) -> None:
    started(bot, ann)
    assert eventually(lambda: bot.store.read(lambda reader: reader.people.person("U0BO")))
    dana.types("/deploy delegate dba @bo until tomorrow")
    assert "is yours alone again" in (dana.types("/deploy delegate dba back") or "")
    assert "You have not delegated Database administrator" in (dana.types("/deploy delegate dba back") or "")
