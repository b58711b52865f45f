"""Whose inquiry it is: the company, known or new, and its sender there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.companies import operations as companies
from crm.companies import queries as company_queries
from crm.companies.models import Company
from crm.companies.rules import own_domain
from crm.kit.actors import Actor
from crm.kit.errors import RuleBroken
from crm.kit.text import web_address
from crm.people import operations as people
from crm.pipeline import inquiries
from crm.pipeline.models import Inquiry
from crm.programme.models import Challenge

NEWS = "news"
"""The purpose of the consent the public forms ask for."""


class NothingChosen(RuleBroken):
    """The decision lacks a company or a way to engage."""


@dataclass(frozen=True, kw_only=True)
class Acceptance:
    """Whose inquiry it is: a known company, or a new one of this name.

    `learn_domain`: the sender's mail domain is the company's, so the next one matches by itself.
    """

    company_id: int | None = None
    new_name: str | None = None
    mode_ids: tuple[int, ...] = ()
    owner_id: int | None = None
    learn_domain: bool = False


def company_of(
    session: Session, inquiry: Inquiry, decision: Acceptance, *, by: Actor, now: datetime
) -> Company:
    """The company chosen or made, with the sender known there."""
    domain = own_domain(inquiry.email) if decision.learn_domain else None
    if domain is not None:
        holder = company_queries.find_by_domain(session, domain)
        if holder is not None and holder.id != decision.company_id:
            raise companies.DomainTaken(
                f"{domain} belongs to {holder.name}. Choose that company, or untick the domain.",
                field="learn_domain",
            )
    if decision.company_id is not None:
        company = company_queries.get(session, decision.company_id)
        if domain is not None:
            companies.add_domain(session, company, domain)
    elif decision.new_name:
        draft = companies.NewCompany(
            name=decision.new_name,
            website=web_address(inquiry.website or ""),
            country=inquiry.country,
            source=inquiry.source,
            owner_id=decision.owner_id or inquiry.owner_id or by.id,
            challenge_ids=_challenges(session, inquiry),
            domains=(domain,) if domain else (),
        )
        company = companies.add_company(session, draft, now=now)
    else:
        raise NothingChosen("Choose a company, or name a new one.", field="company")
    _sender(session, inquiry, company, now=now)
    return company


def _sender(session: Session, inquiry: Inquiry, company: Company, *, now: datetime) -> None:
    """Who wrote, known by their address, at this company; and what they agreed to."""
    person = None
    if not inquiry.email:
        person = inquiries.find_there(session, company.id, inquiry.name)
    if person is None:
        person = people.find_or_add_person(
            session, name=inquiry.name, email=inquiry.email, phone=inquiry.phone, now=now
        )
    companies.find_or_affiliate(
        session, person_id=person.id, company_id=company.id, title=inquiry.title, starts_on=None
    )
    if inquiry.consent and inquiry.notice_version:
        people.record_consent(
            session,
            person,
            purpose=NEWS,
            notice_version=inquiry.notice_version,
            source=inquiry.channel.value.capitalize(),
            now=inquiry.received_at,
        )


def _challenges(session: Session, inquiry: Inquiry) -> tuple[int, ...]:
    return tuple(session.scalars(select(Challenge.id).where(Challenge.key.in_(inquiry.challenges))))
