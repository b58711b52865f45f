"""Letters about accounts. Their links let in whoever has them: private."""

from __future__ import annotations

from crm.accounts.models import UserAccount
from crm.mail.letters import Letter


def invitation(user: UserAccount, *, link: str, by: str, site: str, until: str) -> Letter:
    return _letter("invitation", user, link=link, by=by, site=site, until=until)


def new_password(user: UserAccount, *, link: str, site: str, until: str) -> Letter:
    return _letter("new_password", user, link=link, site=site, until=until)


def address_changed(user: UserAccount, *, old: str, by: str, site: str) -> Letter:
    """To the old address, so that nobody's account is moved away unseen."""
    facts = {"name": user.name, "new": user.email, "by": by, "site": site}
    return Letter(name="address_changed", to=old, facts=facts, about=("user", user.id))


def _letter(name: str, user: UserAccount, **facts: str) -> Letter:
    return Letter(
        name=name,
        to=user.email,
        facts={**facts, "name": user.name},
        about=("user", user.id),
        private=True,
    )
