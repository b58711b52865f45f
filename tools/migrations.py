"""`make migrations`: one head, and migrations make the tables that the models describe."""

from __future__ import annotations

import sys
import tempfile

from alembic.util import CommandError
from flask_migrate import check, upgrade

import config
from crm.app import create_app


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(config.from_env({"CRM_DATA_DIR": folder}))
        with app.app_context():
            try:
                upgrade()  # refuses when there are several heads
                check()
            except CommandError as fault:
                print(fault, file=sys.stderr)
                return 1
    print("Migrations are in step with the models.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
