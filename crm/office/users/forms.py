from __future__ import annotations

from collections.abc import Collection, Sequence

from crm.accounts.operations import Draft
from crm.accounts.rules import Role, grantable
from crm.web.forms import BaseForm, BooleanField, Checkboxes, HiddenField, choice, email, line

WORDS = {
    Role.DIRECTOR: "Director: runs the pipeline, approves and terminates memberships",
    Role.STAFF: "Staff: keeps the records",
    Role.FACULTY: "Faculty: sees who talks to whom, no sums",
    Role.READER: "Reader: sees what staff see but confidential notes, changes nothing",
    Role.ADMINISTRATOR: "Administrator: users and settings, no personal data",
}


class UserForm(BaseForm):
    name = line("Name", needed="Enter the name colleagues know.")
    email = email("E-mail", needed="Enter the address they sign in with.")
    roles = Checkboxes("Roles")
    inquiry_notices = BooleanField(
        "Gets a letter for each inquiry",
        description="Whoever gets notices may read inquiries.",
    )
    version = HiddenField()

    def offer(self, held: Collection[Role], own: Collection[Role] = ()) -> None:
        """Roles that one who holds these may grant, and those the account has."""
        open_ = [role for role in Role if role in grantable(held) or role in own]
        self.roles.choices = [(role.value, WORDS[role]) for role in open_]

    def draft(self) -> Draft:
        return Draft(
            name=self.name.data or "",
            email=self.email.data or "",
            roles=frozenset(Role(role) for role in self.roles.data or ()),
            inquiry_notices=bool(self.inquiry_notices.data),
        )


class DisableForm(BaseForm):
    successor = choice("Who takes over", [])

    def offer(self, people: Sequence[tuple[int, str]]) -> None:
        self.successor.choices = [
            ("", "Choose a colleague"),
            *((str(id_), name) for id_, name in people),
        ]

    @property
    def successor_id(self) -> int | None:
        return int(self.successor.data) if self.successor.data else None
