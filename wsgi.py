"""What gunicorn serves: `gunicorn wsgi:app`."""

from __future__ import annotations

import config
from crm.app import create_app
from crm.web import logs

settings = config.from_env()
logs.configure(production=settings["PRODUCTION"])
app = create_app(settings)
