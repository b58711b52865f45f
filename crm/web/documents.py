"""Files that people hand in, and get back: never shown by the browser, always saved."""

from __future__ import annotations

import io

from flask import current_app, send_file
from flask.wrappers import Response
from obstore.store import ObjectStore

from crm.documents import operations
from crm.documents.models import Document
from crm.documents.store import store_at


def store() -> ObjectStore:
    return store_at(current_app.config["DOCUMENT_STORE"])


def served(document: Document) -> Response:
    """As an attachment. What it is was judged when it came in; the browser is not to guess."""
    response = send_file(
        io.BytesIO(operations.read(store(), document)),
        mimetype=document.media_type,
        as_attachment=True,
        download_name=document.file_name,
    )
    response.headers["Content-Security-Policy"] = "sandbox"
    return response
