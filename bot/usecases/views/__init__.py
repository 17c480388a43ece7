"""Reading: facts to show. `fn(reader, project, …) -> facts`; nothing here changes anything."""

from bot.usecases.views.blockers import blockers, hour
from bot.usecases.views.dashboard import dashboard
from bot.usecases.views.digest import digest
from bot.usecases.views.forms import (
    act_form,
    add_form,
    completion_form,
    go_form,
    moved_files,
    roll_back_form,
    start_form,
)
from bot.usecases.views.home import deployments_of, home, past
from bot.usecases.views.item_detail import item_detail
from bot.usecases.views.notice import notice
from bot.usecases.views.record import record_text
from bot.usecases.views.section import phase, section, sections
from bot.usecases.views.sign_off import asked, sign_off, sql_detail, subject_detail
from bot.usecases.views.work import give_form, given, owed_work

__all__ = [
    "act_form",
    "add_form",
    "asked",
    "blockers",
    "completion_form",
    "dashboard",
    "deployments_of",
    "digest",
    "give_form",
    "given",
    "go_form",
    "home",
    "hour",
    "item_detail",
    "moved_files",
    "notice",
    "owed_work",
    "past",
    "phase",
    "record_text",
    "roll_back_form",
    "section",
    "sections",
    "sign_off",
    "sql_detail",
    "start_form",
    "subject_detail",
]
