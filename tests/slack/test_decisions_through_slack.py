"""Sign-offs, go and the forms around them, as approvers and deployers meet them."""

from __future__ import annotations

from bot_under_test import BotUnderTest, deployment_of, eventually, started

from bot.demo.standin import Person, StandIn
from bot.slack.messages.buttons import Target, encode
from bot.usecases.verb import Verb


def asked(bot: BotUnderTest, ann: Person):  # type: ignore[no-untyped-def]
    thread = started(bot, ann)
    ann.presses("Ask now", in_=thread.messages()[0])
    return thread


def test_an_approver_decides_in_the_direct_message(bot: BotUnderTest, ann: Person, dana: Person) -> None:
    thread = asked(bot, ann)
    dana.presses("Approve as DBA", in_=dana.sees("@gonogo", "Database administrator"))
    thread.sees("Database administrator").becomes("✓ approved by dana")
    thread.messages()[0].becomes("3 sign-offs")


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


def test_break_glass_is_refused_on_its_form_to_who_may_not(bot: BotUnderTest, ann: Person) -> None:
    thread = started(bot, ann)
    ann.chooses("More …", "Break the glass …", in_=thread.messages()[0])
    form = ann.modal("Break the glass")
    form.fill("Why can it not wait?", "payments are down since 15:58").fill("Type", "production")
    assert form.submit() is not None
    assert form.is_open
    assert deployment_of(bot).go_at is None


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
