"""the full-text index

Over the folded words of `search_entry`: FTS5 on SQLite, kept by triggers; a generated tsvector
with a GIN index on PostgreSQL. Neither needs an extension.
"""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.execute(
            "ALTER TABLE search_entry ADD COLUMN words tsvector "
            "GENERATED ALWAYS AS (to_tsvector('simple', folded)) STORED"
        )
        op.execute("CREATE INDEX ix_search_entry_words ON search_entry USING gin (words)")
        return
    op.execute(
        "CREATE VIRTUAL TABLE search_fts USING fts5("
        "folded, content='search_entry', content_rowid='id', prefix='2 3 4')"
    )
    put = "INSERT INTO search_fts(rowid, folded) VALUES (NEW.id, NEW.folded);"
    drop = (
        "INSERT INTO search_fts(search_fts, rowid, folded) VALUES ('delete', OLD.id, OLD.folded);"
    )
    for event, act in (("INSERT", put), ("DELETE", drop), ("UPDATE OF folded", drop + put)):
        name = event.split()[0].lower()
        op.execute(
            f"CREATE TRIGGER search_entry_{name} AFTER {event} ON search_entry BEGIN {act} END"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP INDEX ix_search_entry_words")
        op.execute("ALTER TABLE search_entry DROP COLUMN words")
        return
    for name in ("insert", "delete", "update"):
        op.execute(f"DROP TRIGGER search_entry_{name}")
    op.execute("DROP TABLE search_fts")
