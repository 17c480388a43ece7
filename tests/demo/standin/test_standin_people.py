"""People as journeys use them: what they press, choose, fill in, see and are told."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from standin_bot import JSON, RunningBot, button, modal, option, plain, section, text_field

from bot.demo.standin import Message, Person, StandIn

DEPLOYS = "C0DEPLOYS"


def collect(bot: RunningBot, *action_ids: str) -> None:
    for action_id in action_ids:
        bot.app.action(action_id)(lambda ack, body: (bot.heard.append(body), ack()))


def shown(client: WebClient, person: Person, *blocks: JSON) -> Message:
    client.chat_postMessage(channel=DEPLOYS, text="x", blocks=list(blocks))
    return person.sees("#deploys")


def opening(view: JSON) -> Any:
    def listener(ack: Any, client: WebClient, body: JSON) -> None:
        client.views_open(trigger_id=body["trigger_id"], view=view)
        ack()

    return listener


ITEMS = [
    section("*open*  Database backup completed", button("Done", "done", "backup")),
    section("*open*  Rollback plan prepared", button("Done", "done", "rollback-plan")),
]


def test_a_button_is_found_by_its_words_and_what_is_beside_it(bot: RunningBot, client: WebClient, ann: Person) -> None:
    collect(bot, "done")
    message = shown(client, ann, *ITEMS)
    assert message.text().splitlines()[0] == "open  Database backup completed  [Done]"
    assert message.buttons() == ["Done", "Done"]
    ann.presses("Done", in_=message, beside="Rollback plan")
    assert bot.heard[0]["actions"][0]["value"] == "rollback-plan"


def test_what_cannot_be_pressed_is_said_clearly(client: WebClient, ann: Person) -> None:
    message = shown(client, ann, *ITEMS)
    with pytest.raises(AssertionError, match="2 are called 'Done'; say which with beside"):
        ann.presses("Done", in_=message)
    with pytest.raises(AssertionError, match=r"(?s)nothing called 'Go' .*Database backup completed"):
        ann.presses("Go", in_=message, timeout=0)
    with pytest.raises(AssertionError, match=r"(?s)ann sees nothing that reads 'Approve' in #deploys:.*Rollback plan"):
        ann.sees("#deploys", "Approve", timeout=0)


def test_an_old_copy_sends_what_it_held(bot: RunningBot, client: WebClient, ann: Person) -> None:
    collect(bot, "approve")
    message = shown(client, ann, section("digest 1", button("Approve", "approve", "digest-1")))
    old = message.old_copy()
    client.chat_update(
        channel=DEPLOYS, ts=message.ts, text="x", blocks=[section("digest 2", button("Approve", "approve", "digest-2"))]
    )
    ann.presses("Approve", in_=old)
    ann.presses("Approve", in_=message)
    assert [heard["actions"][0]["value"] for heard in bot.heard] == ["digest-1", "digest-2"]
    assert (old.text(), message.text()) == ("digest 1  [Approve]", "digest 2  [Approve]")


def test_waiting_for_a_button_that_comes_later(bot: RunningBot, client: WebClient, ann: Person) -> None:
    collect(bot, "go")
    message = shown(client, ann, section("wait"))
    later = {"channel": DEPLOYS, "ts": message.ts, "text": "x", "blocks": [section("now", button("Go", "go"))]}
    timer = threading.Timer(0.2, lambda: client.chat_update(**later))
    timer.start()
    ann.presses("Go", in_=message)
    assert len(bot.heard) == 1


def test_a_confirmation_is_pressed_through_or_declined(bot: RunningBot, client: WebClient, ann: Person) -> None:
    collect(bot, "go")
    dialog = {name: plain(name.upper()) for name in ("title", "text", "confirm", "deny")}
    message = shown(client, ann, section("x", button("Go", "go", confirm=dialog)))
    ann.presses("Go", in_=message, confirm=False)
    assert (bot.heard, ann.confirmation) == ([], "TITLE\nTEXT")
    ann.presses("Go", in_=message)
    assert len(bot.heard) == 1


MENUS = {
    "type": "actions",
    "elements": [
        {
            "type": "static_select",
            "action_id": "item",
            "placeholder": plain("More about an item …"),
            "options": [option("Backup verified", "i1"), option("Backup completed", "i2")],
        },
        {"type": "overflow", "action_id": "more", "options": [option("Roll back"), option("Hold")]},
        {"type": "users_select", "action_id": "who", "placeholder": plain("Assign to")},
        {"type": "datepicker", "action_id": "when", "placeholder": plain("Due")},
        {"type": "checkboxes", "action_id": "ticks", "options": [option("One"), option("Two")]},
    ],
}


def test_choosing_in_menus(bot: RunningBot, client: WebClient, ann: Person, ben: Person) -> None:
    collect(bot, "item", "more", "who", "when", "ticks")
    message = shown(client, ann, MENUS)
    assert "[More about an item … ▾] [⋯ Roll back, Hold] [Assign to ▾] [Due] [ ] One  [ ] Two" in message.text()
    ann.chooses("More about an item …", "Backup verified", in_=message)
    ann.chooses("⋯", "Hold", in_=message)
    ann.chooses("Assign to", "ben", in_=message)
    ann.chooses("Due", "2026-12-01", in_=message)
    actions = [heard["actions"][0] for heard in bot.heard]
    assert actions[0]["selected_option"]["value"] == "i1"
    assert actions[1]["selected_option"]["value"] == "hold"
    assert (actions[2]["selected_user"], actions[3]["selected_date"]) == ("U0BEN", "2026-12-01")
    values = next(iter(bot.heard[3]["state"]["values"].values()))
    assert (values["item"]["selected_option"]["value"], values["who"]["selected_user"]) == ("i1", "U0BEN")
    assert "[Backup verified ▾]" in message.text()
    with pytest.raises(AssertionError, match="there is: Backup verified, Backup completed"):
        ann.chooses("More about an item …", "Nothing", in_=message)


def test_unknown_actions_double_clicks_and_two_people_at_once(
    slack: StandIn, bot: RunningBot, client: WebClient, ann: Person, ben: Person
) -> None:
    collect(bot, "go", "from-an-older-version")
    message = shown(client, ann, section("x", button("Go", "go", "1")))
    slack.click("ann", message, "from-an-older-version", "7")
    assert bot.heard[0]["actions"][0]["value"] == "7"
    clicks = [threading.Thread(target=person.presses, args=("Go", message)) for person in (ann, ann, ben)]
    for click in clicks:
        click.start()
    for click in clicks:
        click.join()
    assert sorted(heard["user"]["name"] for heard in bot.heard[1:]) == ["ann", "ann", "ben"]


def test_a_form_is_filled_in_and_sent(bot: RunningBot, ann: Person) -> None:
    fields = [
        section("About this"),
        text_field("Reason", "reason", element={"min_length": 5}),
        {
            "type": "input",
            "block_id": "result",
            "label": plain("Result"),
            "element": {
                "type": "static_select",
                "action_id": "choice",
                "options": [option("Success"), option("Partial")],
                "initial_option": option("Success"),
            },
        },
        {"type": "input", "block_id": "who", "label": plain("Person"), "optional": True}
        | {"element": {"type": "users_select", "action_id": "user"}},
    ]
    view = modal("Complete", *fields, callback_id="complete", private_metadata="deployment 12", close=plain("Cancel"))
    bot.app.command("/deploy")(opening(view))
    bot.app.view("complete")(lambda ack, body: (bot.heard.append(body), ack()))
    ann.types("/deploy complete")
    form = ann.modal(titled="Complete")
    assert (form.labels(), form.value("Result")) == (["Reason", "Result", "Person"], "Success")
    assert form.submit() == {"Reason": "Please complete this required field."}
    form.fill("Reason", "four")
    assert form.submit() == {"Reason": "Must be at least 5 characters."}
    assert bot.heard == []
    form.fill("Reason", "all went well").choose("Result", "Partial").choose("Person", "ann")
    assert "Reason: [all went well]" in form.text()
    assert form.text().endswith("[Cancel] [Save]")
    assert form.submit() is None
    assert (form.is_open, ann.has_modal()) == (False, False)
    sent = bot.heard[0]["view"]
    values = sent["state"]["values"]
    assert (sent["private_metadata"], sent["callback_id"], sent["root_view_id"]) == (
        "deployment 12",
        "complete",
        sent["id"],
    )
    assert values["reason"]["text"] == {"type": "plain_text_input", "value": "all went well"}
    assert values["result"]["choice"]["selected_option"]["value"] == "partial"
    assert values["who"]["user"]["selected_user"] == "U0ANN"
    with pytest.raises(AssertionError, match="the form 'Complete' is closed"):
        form.fill("Reason", "again")


ANSWERS: dict[str, JSON] = {
    "errors": {"response_action": "errors", "errors": {"why": "Too short a reason"}},
    "update": {"response_action": "update", "view": modal("Second", section("step two"))},
    "wrong block": {"response_action": "errors", "errors": {"nowhere": "x"}},
    "bad view": {"response_action": "update", "view": modal("x" * 25, section("x"))},
}


@pytest.fixture
def form_answered(bot: RunningBot, ann: Person, request: pytest.FixtureRequest) -> Any:
    view = modal("First", text_field("Why", "why"), section("x", button("Inside", "inside")), callback_id="first")
    bot.app.command("/deploy")(opening(view))
    bot.app.view("first")(lambda ack: ack(**ANSWERS[request.param]))
    ann.types("/deploy")
    form = ann.modal("First").fill("Why", "because")
    return form, form.submit()


@pytest.mark.parametrize("form_answered", ["errors"], indirect=True)
def test_errors_stay_beside_their_field(form_answered: Any) -> None:
    form, refused = form_answered
    assert refused == {"Why": "Too short a reason"}
    assert "! Why: Too short a reason" in form.text()
    assert form.is_open


@pytest.mark.parametrize("form_answered", ["update"], indirect=True)
def test_a_form_may_become_another(form_answered: Any, ann: Person) -> None:
    form, refused = form_answered
    assert (refused, form.title, ann.modal().view_id) == (None, "Second", form.view_id)


@pytest.mark.parametrize("form_answered", ["wrong block", "bad view"], indirect=True)
def test_an_answer_that_slack_cannot_use_is_trouble(form_answered: Any) -> None:
    form, refused = form_answered
    assert refused == {"": "We had some trouble connecting. Try again?"}
    assert form.is_open


def test_buttons_and_menus_inside_a_form(bot: RunningBot, ann: Person) -> None:
    field = text_field("Search", "search")
    bot.app.command("/deploy")(opening(modal("First", field, section("x", button("Inside", "inside")))))

    @bot.app.action("inside")
    def inside(ack: Any, client: WebClient, body: JSON) -> None:
        view = body["view"]
        client.views_push(trigger_id=body["trigger_id"], view=modal("On top", section("deeper")))
        client.views_update(view_id=view["id"], view=modal("First", field, section("changed")))
        ack()

    ann.types("/deploy")
    form = ann.modal().fill("Search", "orders")
    assert form.presses("Inside") is None
    top = ann.modal("On top")
    assert top.text().startswith("On top\ndeeper")
    assert top.view.previous_view_id == form.view_id
    form.becomes("changed")
    assert form.value("Search") == "orders"
    top.cancel()
    assert ann.modal().title == "First"
    ann.modal().cancel(everything=True)
    assert not ann.has_modal()


def test_a_trigger_opens_one_view_and_soon(slack: StandIn, bot: RunningBot, client: WebClient, ann: Person) -> None:
    bot.app.command("/deploy")(lambda ack, body: (bot.heard.append(body), ack()))
    view = modal("x", section("x"))

    def error(trigger_id: str) -> str:
        with pytest.raises(SlackApiError) as refusal:
            client.views_open(trigger_id=trigger_id, view=view)
        return str(refusal.value.response["error"])

    ann.types("/deploy")
    trigger = bot.heard[0]["trigger_id"]
    client.views_open(trigger_id=trigger, view=view)
    assert error(trigger) == "exchanged_trigger_id"
    assert error("1.2.nonsense") == "invalid_trigger_id"
    slack.timings.trigger = 0.1
    ann.types("/deploy")
    time.sleep(0.15)
    assert error(bot.heard[1]["trigger_id"]) == "expired_trigger_id"


def test_at_most_three_forms_lie_on_each_other(bot: RunningBot, client: WebClient, ann: Person) -> None:
    bot.app.command("/deploy")(opening(modal("Form 1", section("x", button("Deeper", "deeper")))))
    refused = []

    @bot.app.action("deeper")
    def deeper(ack: Any, client: WebClient, body: JSON) -> None:
        try:
            client.views_push(
                trigger_id=body["trigger_id"], view=modal("Form", section("x", button("Deeper", "deeper")))
            )
        except SlackApiError as refusal:
            refused.append(refusal.response["error"])
        ack()

    ann.types("/deploy")
    for _ in range(3):
        ann.modal().presses("Deeper")
    assert refused == ["push_limit_reached"]


def test_app_home(bot: RunningBot, ann: Person, ben: Person) -> None:
    collect(bot, "go")

    @bot.app.event("app_home_opened")
    def opened(event: JSON, client: WebClient) -> None:
        view = {"type": "home", "blocks": [section(f"Hello <@{event['user']}>", button("Go", "go"))]}
        client.views_publish(user_id=event["user"], view=view)

    page = ann.opens_home()
    assert ann.home(containing="Hello") == "Hello @Ann Lee  [Go]"
    ann.presses("Go", in_=page)
    assert bot.heard[0]["view"]["type"] == "home"
    with pytest.raises(AssertionError, match="never read"):
        ben.home(timeout=0)


def test_shortcuts(bot: RunningBot, client: WebClient, ann: Person) -> None:
    bot.app.shortcut("to-record")(lambda ack, body: (bot.heard.append(body), ack()))
    message = shown(client, ann, section("worth keeping"))
    ann.uses_shortcut("Add to the record", on=message)
    assert [heard["type"] for heard in bot.heard] == ["message_action"]
    assert bot.heard[0]["message"]["ts"] == message.ts
    with pytest.raises(LookupError, match="the manifest has: Add to the record"):
        ann.uses_shortcut("Delete", on=message)


def test_an_ephemeral_has_buttons_too(bot: RunningBot, client: WebClient, ann: Person) -> None:
    collect(bot, "go")
    client.chat_postEphemeral(channel=DEPLOYS, user=ann.id, text="x", blocks=[section("again?", button("Go", "go"))])
    ann.presses("Go", in_=ann.hears("again?"))
    assert bot.heard[0]["container"]["is_ephemeral"] is True
    assert "message" not in bot.heard[0]


def test_who_sees_what(slack: StandIn, client: WebClient, ann: Person, ben: Person) -> None:
    secret = slack.add_channel("secret", members=["ann"], private=True)
    client.chat_postMessage(channel=secret.id, text="for few")
    client.chat_postMessage(channel=DEPLOYS, text="for many")
    guest = slack.add_person("gus", is_ultra_restricted=True, channels=["secret"])
    stranger = slack.add_person("eve", team_id="T0OTHER", channels=["deploys"])
    assert ann.sees("#secret", "for few")
    assert guest.sees("#secret", "for few")
    assert stranger.sees("#deploys", "for many")
    assert "for few" not in ben.transcript("#secret")
    assert "for many" not in guest.transcript("#deploys")
    with pytest.raises(LookupError, match="gus is not in #deploys"):
        guest.says("hello")


def test_people_of_another_workspace_click_as_such(slack: StandIn, bot: RunningBot, client: WebClient) -> None:
    collect(bot, "go")
    eve = slack.add_person("eve", team_id="T0OTHER")
    eve.presses("Go", in_=shown(client, eve, section("x", button("Go", "go"))))
    assert (bot.heard[0]["user"]["team_id"], bot.heard[0]["team"]["id"]) == ("T0OTHER", "T0ACME")


def test_a_mention_where_the_bot_is_not_offers_to_invite_it(slack: StandIn, ann: Person) -> None:
    slack.add_channel("random", bot=False)
    ann.says("@gonogo blockers", in_="#random")
    assert ann.told() == ["@gonogo is not in this channel. Invite it with /invite @gonogo."]
