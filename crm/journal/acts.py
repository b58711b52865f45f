"""What can be done to a record, in the trade's verbs: the words of which the journal's acts are.

An act says what somebody did, never what they wrote: a result, a stage, a state, a name or a number
stands in the entry's values, which fewer may read than may read who did what.
"""

from __future__ import annotations

CREATED, CHANGED, DELETED = "created", "changed", "deleted"
"""What the journal notes of every flush, besides the trade's verb for the act."""
BY_ITSELF = frozenset({CREATED, CHANGED, DELETED})
ACTS = BY_ITSELF | frozenset(
    {
        # records that are brought in, and taken out
        "exported", "imported",
        # accounts
        "disabled", "enabled", "handed over", "invited", "linked with an account",
        "parted from their account", "password asked", "password set", "sign-in paused",
        "signed in",
        # inquiries and contacts
        "accepted", "answered", "attached", "decision undone", "not spam", "owner asked",
        "sent again with changes", "spam", "struck out",
        # memberships
        "agreed otherwise", "amended", "extended", "given an agreement", "reinstated", "released",
        "renewal notice released", "renewed", "revised", "signed by the company",
        "signed by the programme", "started", "terminated", "withdrawn",
        # dues
        "credited", "issued", "requested", "sent", "struck", "voided", "written off",
        # seats, places and chairs
        "confirmed", "declined", "ended", "gave up the chair", "left", "made", "named",
        "named chair", "naming taken back", "role changed", "stays on", "stepped down", "taken",
        "taken back",
        # meetings and ballots
        "cancelled", "decided", "decision taken back", "interest noted", "invitation released",
        "invitations released", "minutes approved", "opened", "planned", "recusal noted",
        "reminder released", "result released", "vote cast",
        # groups
        "applied", "closed", "founded", "given a file", "let out", "moved", "refused",
        # projects
        "announced", "ballot linked", "ballot unlinked", "came in", "company brought in",
        "company let go", "consent withdrawn", "given a budget", "proposed",
        "put to the council", "seats given back", "seats taken", "selected by ballot",
        # factories
        "begun", "dropped", "offered", "origin named", "put right", "stage taken back",
        "stopped in the outbox", "valued", "valued no more",
        # major partnerships
        "agreed", "asked", "handed to the research office", "IP set", "NDA set", "opened again",
        "recorded", "scope written", "taken up again",
    }
)  # fmt: skip
