"""Reading: facts to show. `fn(reader, project, …) -> facts`; nothing here changes anything."""

from bot.usecases.views.dashboard import dashboard
from bot.usecases.views.forms import completion_form, go_form, start_form
from bot.usecases.views.home import deployments_of, home
from bot.usecases.views.item_detail import item_detail
from bot.usecases.views.record import record_text
from bot.usecases.views.section import section, sections
from bot.usecases.views.sign_off import sign_off, subject_detail
from bot.usecases.views.standing_before import blockers

__all__ = [
    "blockers",
    "completion_form",
    "dashboard",
    "deployments_of",
    "go_form",
    "home",
    "item_detail",
    "record_text",
    "section",
    "sections",
    "sign_off",
    "start_form",
    "subject_detail",
]
