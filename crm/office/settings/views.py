from __future__ import annotations

from datetime import date
from typing import Any

from flask import current_app, render_template
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.kit.money import Money
from crm.programme import queries
from crm.stewardship import programme as loading
from crm.web.access import Pages
from crm.web.database import db

pages = Pages("settings", __name__, url_prefix="/office/settings")


@pages.get("", needs=P.SETTINGS_READ)
def show() -> ResponseReturnValue:
    session = db.session()
    loaded = queries.get(session)
    return render_template(
        "office/settings/show.html",
        loaded=loaded,
        facts=loaded.facts,
        launch_on=date.fromisoformat(loaded.facts["founding"]["launch_on"]),
        tiers=[_with_fee(tier) for tier in loaded.facts["tiers"]],
        benefit_columns=[
            ("Benefit", None, ""),
            *((tier["name"], None, "n") for tier in loaded.facts["tiers"]),
        ],
        retired=loading.retired(session),
        settings=_installation(),
    )


def _with_fee(tier: dict[str, Any]) -> dict[str, Any]:
    return {**tier, "fee": Money(tier["fee"]["minor"], tier["fee"]["currency"])}


def _installation() -> list[tuple[str, str]]:
    """What the environment set, but no secret and no address of a server."""
    config = current_app.config
    database = "SQLite" if config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite") else "PostgreSQL"
    mail = "Letters are delivered" if config["MAIL_SERVER"] else "Letters wait in the outbox"
    return [
        ("Address", config["BASE_URL"]),
        ("Database", database),
        ("Mail", mail),
        ("Public forms", f"{config['FORM_LIMIT']}, for each sender's address; votes by their link"),
    ]
