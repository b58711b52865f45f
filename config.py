"""Settings, read from the environment once, at the edge. README.md lists them for people.

PORT            where the web server listens (8000)
CRM_DATA_DIR    folder for the embedded database, the kept secret key and files (var/)
DOCUMENT_STORE  where files are kept: file:///… or s3://bucket/prefix (default: documents/ in
                CRM_DATA_DIR)
DATABASE_URL    sqlite:///… or postgresql+psycopg://… (default: crm.sqlite in CRM_DATA_DIR)
SECRET_KEY      signs cookies and links; made and kept in CRM_DATA_DIR if unset
CRM_ENV         "production" turns production's rules on
BASE_URL        address people use; cookies are Secure only if it is https
TRUSTED_HOSTS   comma-separated host names answered to; 127.0.0.1 and localhost always
PROXY_HOPS      how many reverse proxies stand in front and set X-Forwarded-For (0)
MAIL_SERVER, MAIL_PORT, MAIL_USE_TLS, MAIL_USE_SSL, MAIL_USERNAME, MAIL_PASSWORD,
MAIL_DEFAULT_SENDER
                the SMTP server; without MAIL_SERVER letters stay in the outbox
FORM_LIMIT      public posts per address, and votes per link, as Flask-Limiter writes it
PROGRAMME_FILE  the programme's file (programme.toml)
DEMO            0 leaves a new database without the demo
CRM_DEMO_PASSWORD
                opens the demo's sign-ins; made once and kept in CRM_DATA_DIR if unset
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent
MEBIBYTE = 1024 * 1024
SHORTEST_KEY = 32


class BadSetting(RuntimeError):
    """A setting that must stop the start."""


def from_env(env: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """All settings. Makes the data folder and its key file; opens no connection."""
    production = env.get("CRM_ENV") == "production"
    port = env.get("PORT") or "8000"
    data_dir = Path(env.get("CRM_DATA_DIR") or ROOT / "var").resolve()
    base_url = (env.get("BASE_URL") or f"http://127.0.0.1:{port}").rstrip("/")
    return {
        "PRODUCTION": production,
        "SECRET_KEY": _secret_key(env.get("SECRET_KEY", ""), data_dir, production=production),
        "DATA_DIR": data_dir,
        "SQLALCHEMY_DATABASE_URI": _database_url(env.get("DATABASE_URL"), data_dir),
        "DOCUMENT_STORE": env.get("DOCUMENT_STORE") or f"file://{data_dir / 'documents'}",
        "BASE_URL": base_url,
        "SESSION_COOKIE_SECURE": base_url.startswith("https://"),
        "TRUSTED_HOSTS": _hosts(env.get("TRUSTED_HOSTS", ""), base_url),
        "PROXY_HOPS": _number(env, "PROXY_HOPS", 0),
        "MAX_CONTENT_LENGTH": MEBIBYTE + 64 * 1024,
        "MAX_FORM_MEMORY_SIZE": MEBIBYTE,
        "FORM_LIMIT": env.get("FORM_LIMIT") or "20 per minute; 200 per hour",
        "PROGRAMME_FILE": Path(env.get("PROGRAMME_FILE") or ROOT / "programme.toml"),
        "DEMO": env.get("DEMO") != "0",
        "DEMO_PASSWORD": env.get("CRM_DEMO_PASSWORD") or None,
        "MAIL_SERVER": env.get("MAIL_SERVER") or None,
        "MAIL_PORT": _number(env, "MAIL_PORT", 25),
        "MAIL_USE_TLS": _yes(env.get("MAIL_USE_TLS")),
        "MAIL_USE_SSL": _yes(env.get("MAIL_USE_SSL")),
        "MAIL_USERNAME": env.get("MAIL_USERNAME") or None,
        "MAIL_PASSWORD": env.get("MAIL_PASSWORD") or None,
        "MAIL_DEFAULT_SENDER": env.get("MAIL_DEFAULT_SENDER") or None,
    }


def _database_url(given: str | None, data_dir: Path) -> str:
    if not given:
        return f"sqlite:///{data_dir / 'crm.sqlite'}"
    for short in ("postgres://", "postgresql://"):
        if given.startswith(short):
            return "postgresql+psycopg://" + given.removeprefix(short)
    if not given.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise BadSetting("DATABASE_URL must begin with sqlite:/// or postgresql://")
    return given


def _secret_key(given: str, data_dir: Path, *, production: bool) -> str:
    """The key given, or one made once and kept; production takes only a strong one of its own."""
    if production and len(given) < SHORTEST_KEY:
        raise BadSetting(
            f"CRM_ENV=production needs SECRET_KEY, at least {SHORTEST_KEY} characters long: "
            'python3 -c "import secrets; print(secrets.token_hex(32))" makes one.'
        )
    if given:
        return given
    kept = data_dir / "secret_key"
    data_dir.mkdir(parents=True, exist_ok=True)
    try:
        with os.fdopen(os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
    except FileExistsError:
        pass  # made at an earlier start, or by the process beside this one
    return kept.read_text()


def _hosts(given: str, base_url: str) -> list[str]:
    own = base_url.split("://", 1)[-1].split("/", 1)[0].rsplit(":", 1)[0]
    named = [host.strip() for host in given.split(",") if host.strip()]
    return list(dict.fromkeys(["127.0.0.1", "localhost", own, *named]))


def _number(env: Mapping[str, str], name: str, default: int) -> int:
    given = env.get(name) or str(default)
    if not (given.isascii() and given.isdigit()):
        raise BadSetting(f"{name} is {given!r}; it must be a whole number.")
    return int(given)


def _yes(value: str | None) -> bool:
    return (value or "").lower() in ("1", "true", "yes", "on")
