from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.kit.errors import NotFound
from crm.kit.pages import page_of
from crm.web import documents, programme, query
from crm.web.access import Pages
from crm.web.database import db
from crm.working_groups import published, queries
from crm.working_groups.rules import may_read

pages = Pages("groups", __name__, url_prefix="/groups")


@pages.get("", needs=P.EVERYONE)
def index() -> ResponseReturnValue:
    session = db.session()
    page = page_of(session, published.for_everybody(), number=query.page(), size=25)
    return render_template(
        "public/groups/index.html",
        groups=published.groups_on(session, programme.today()),
        page=page,
        authors=published.authors_of(session, [row.id for row in page.items]),
    )


@pages.get("/publications/<id:publication_id>", needs=P.EVERYONE)
def publication(publication_id: int) -> ResponseReturnValue:
    """The file of what is published for everybody; of all else it is as if it were not there."""
    found = queries.get_deliverable(db.session(), publication_id)
    if found.file is None or not may_read(found.stage, found.readers):
        raise NotFound("There is no such publication.")
    return documents.served(found.file.document)
