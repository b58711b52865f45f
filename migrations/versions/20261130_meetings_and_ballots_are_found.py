"""meetings and ballots are found

What is written from here on is indexed as it is written; what stands already is indexed here, by
its title and its body. It is indexed in full when it next changes.
"""

from __future__ import annotations

import re
import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

STANDING = {
    "meeting": "SELECT m.id, m.title, b.name FROM meeting AS m JOIN body AS b ON b.id = m.body_id",
    "ballot": "SELECT m.id, m.title, b.name FROM ballot AS m JOIN body AS b ON b.id = m.body_id",
}
APART = re.compile(r"[\W_]+")


def upgrade() -> None:
    entry = sa.table(
        "search_entry",
        *(sa.column(name) for name in ("kind", "record_id", "title", "subtitle", "folded")),
        sa.column("archived", sa.Boolean()),
    )
    connection = op.get_bind()
    for kind, standing in STANDING.items():
        rows = [
            {
                "kind": kind,
                "record_id": id_,
                "title": title,
                "subtitle": body,
                "folded": _folded(f"{title} {body}"),
                "archived": False,
            }
            for id_, title, body in connection.execute(sa.text(standing))
        ]
        if rows:
            connection.execute(entry.insert(), rows)


def downgrade() -> None:
    op.execute("DELETE FROM search_entry WHERE kind IN ('meeting', 'ballot')")


def _folded(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(char for char in apart if unicodedata.category(char) != "Mn")
    return " ".join(dict.fromkeys(word for word in APART.split(plain) if word))
