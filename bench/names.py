"""Invented names, without end and always the same."""

from __future__ import annotations

FIRST = ("Abel", "Beata", "Cem", "Dora", "Emre", "Freya", "Goran", "Hanna", "Iker", "Jola", "Kofi")
LAST = ("Adler", "Brandt", "Costa", "Duarte", "Eriksen", "Fontaine", "Garza", "Huang", "Müller")
LAST += ("Jansen", "Kowalski", "Lindgren", "Novak", "Okafor", "Petrov", "Rossi", "Sato", "Tanaka")
WORDS = ("Northern", "Copper", "Harbor", "Granite", "Meridian", "Willow", "Falcon", "Summit")
WORDS += ("Prairie", "Cobalt", "Juniper", "Atlas", "Beacon", "Cedar", "Delta", "Ember", "Forge")
TRADES = ("Turbines", "Bearings", "Castings", "Robotics", "Packaging", "Semiconductors", "Optics")
TRADES += ("Textiles", "Batteries", "Polymers", "Machining", "Logistics", "Foundry", "Controls")


def company(number: int) -> str:
    return f"{_one(WORDS, number)} {_one(TRADES, number // len(WORDS))} {number} Inc."


def person(number: int) -> str:
    return f"{_one(FIRST, number)} {_one(LAST, number // len(FIRST))}"


def _one(of: tuple[str, ...], number: int) -> str:
    return of[number % len(of)]
