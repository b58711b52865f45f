"""What gunicorn serves: `gunicorn wsgi:app`."""

from __future__ import annotations

import config
from crm.app import create_app

app = create_app(config.from_env())
