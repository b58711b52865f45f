from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.kit.money import Money
from crm.kit.toml import BadFile
from crm.programme import benefit_facts, rules

SHIPPED = (Path(__file__).parents[2] / "programme.toml").read_text(encoding="utf-8")


def line_of(words: str, text: str = SHIPPED) -> int:
    [found] = [n for n, line in enumerate(text.splitlines(), start=1) if words in line]
    return found


def refused(old: str, new: str) -> str:
    """The one complaint about the shipped file with a passage replaced."""
    assert SHIPPED.count(old) == 1, old
    with pytest.raises(BadFile) as caught:
        rules.parse(SHIPPED.replace(old, new))
    assert len(caught.value.problems) == 1, caught.value
    return str(caught.value)


def test_the_shipped_file_says_what_the_programme_publishes() -> None:
    facts = rules.parse(SHIPPED)
    assert (facts.name, facts.contact) == ("Manufacturing@MIT", "connect@mfg.mit.edu")
    assert (facts.time_zone, facts.currency) == ("America/New_York", "USD")
    assert (facts.grace_days, facts.grace_votes) == (60, True)
    assert [challenge.number for challenge in facts.challenges] == [1, 2, 3, 4]
    assert [mode.key for mode in facts.modes] == ["alliance", "factories", "partnership"]
    assert [mode.key for mode in facts.modes if mode.starts_membership] == ["alliance"]
    assert len(facts.focus_areas) == 6
    assert len(facts.research_fields) == 10
    assert [body.key for body in facts.bodies] == ["council", "steering"]
    assert [(body.kind, body.seats) for body in facts.bodies] == [("council", 0), ("committee", 8)]


def test_stages_stand_in_their_order_with_their_probability() -> None:
    alliance, factories, partnership = rules.parse(SHIPPED).modes
    assert [s.probability for s in alliance.stages] == [5, 10, 20, 35, 50, 65, 80, 95]
    assert [s.probability for s in factories.stages] == [5, 15, 30, 50, 75, 95]
    assert [s.probability for s in partnership.stages] == [5, 10, 20, 35, 50, 65, 75, 85, 95]
    assert alliance.stages[-1].name == "Out for signature"


def test_every_mode_has_reasons_of_its_own_beside_the_common_ones() -> None:
    facts = rules.parse(SHIPPED)
    assert len(facts.lost_reasons) == 10
    assert [len(mode.lost_reasons) for mode in facts.modes] == [4, 4, 3]


def test_the_tiers_are_those_of_the_table() -> None:
    tiers = {tier.key: tier for tier in rules.parse(SHIPPED).tiers}
    founding, associate = tiers["founding"], tiers["associate"]
    assert founding.fee == Money(50_000_000, "USD")
    assert (founding.years, founding.council, founding.votes) == (3, "own", True)
    assert (founding.groups, founding.places, founding.closes_at) == (None, 3, 10)
    assert (associate.council, associate.headcount_under, associate.groups) == ("shared", 500, 1)
    assert [tier.fee.minor // 100 for tier in tiers.values()] == [
        500_000,
        250_000,
        50_000,
        5_000,
        0,
    ]
    assert tiers["start-up"].by_invitation
    assert tiers["start-up"].fee_may_be_waived


def test_tiers_say_how_many_of_each_benefit_a_year_brings() -> None:
    facts = rules.parse(SHIPPED)
    assert len(facts.benefits) == 8
    assert {benefit.used_by for benefit in facts.benefits} == set(benefit_facts.USED_BY)
    benefits = {tier.key: tier.benefits for tier in facts.tiers}
    assert (benefits["founding"]["symposium"], benefits["member"]["symposium"]) == (8, 4)
    assert benefits["founding"]["introductions"] is None
    assert "training" not in benefits["start-up"]


def test_a_file_without_benefits_is_right_too() -> None:
    head, _, rest = SHIPPED.partition("[benefits.symposium]")
    text = head + rest[rest.index("# ── Membership tiers") :]
    kept = [
        block
        for block in text.split("\n\n")
        if not re.match(r"\[tiers\.[a-z-]+\.benefits\]", block)
    ]
    facts = rules.parse("\n\n".join(kept))
    assert facts.benefits == ()
    assert all(tier.benefits == {} for tier in facts.tiers)


def test_the_founding_cohort_has_its_target_and_its_day() -> None:
    cohort = rules.parse(SHIPPED).founding
    assert (cohort.target_min, cohort.target_max) == (8, 10)
    assert date(2023, 9, 22) <= cohort.launch_on < date(2023, 12, 22)


def test_the_directory_names_people_with_and_without_a_role() -> None:
    leadership, team, steering = rules.parse(SHIPPED).directory
    assert [person.name for person in leadership.people][:2] == ["John Hart", "Suzanne Berger"]
    assert leadership.people[2].role == ""
    assert team.people[0].role == "Executive director"
    assert (len(team.people), len(steering.people)) == (6, 8)


@pytest.mark.parametrize(
    ("old", "new", "at", "words"),
    [
        ("grace_votes = true ", "#", "[memberships]", "“grace_votes” is missing"),
        ("votes = true\ngroups = 2", "votes = 1\ngroups = 2", None, "true or false"),
        ("launch_on = 2023-10-16", 'launch_on = "autumn"', "launch_on", "a day, written"),
        ('tier = "founding"', 'tier = "gold"', 'tier = "founding"', '"founding"'),
        ("target_max = 10", "target_max = 7", "target_max", "below"),
        ('currency = "USD"', 'currency = "dollars"', "currency =", "three capital letters"),
        ("fee = 250_000", "fee = 250_000.5", "fee = 250_000", "in quotes"),
        ("fee = 250_000", "fee = -1", "fee = 250_000", "negative"),
        ("fee = 250_000", 'fee = "1,00"', "fee = 250_000", "Write the amount"),
        ("needs-stated      =", "lost =", "needs-stated", "ends every pipeline"),
        ('council = "shared"', 'council = "half"', 'council = "shared"', '"observer"'),
        ('"observer"\nvotes = false', '"observer"\nvotes = true', None, "cannot vote"),
        ('"America/New_York" ', '"Boston"', "time_zone", "no time zone"),
        ('"connect@mfg.mit.edu"', '"connect"', "contact =", "e-mail address"),
        ('"corporate-relations@university.example"', '"them"', "relations_email", "e-mail address"),
        ('notify = ["director"]', 'notify = ["dean"]', "notify =", "no role"),
        ("number = 2,", "number = 1,", "[challenges]", "the number “1”"),
        ("research         =", "Research_ =", "research         =", "small letters"),
        ('{ name = "John Liu" }', '{ name = "" }', "John Liu", "empty"),
        ('{ name = "John Liu" }', "{ }", "John Liu", "“name” is missing"),
        ('{ name = "John Liu" }', '"John Liu"', None, "a list of tables"),
        ('{ name = "John Liu" }', '{ name = "Haden Quinlan" }', "[directory.team]", "two entries"),
        ('council = "Industry Leadership Council"', "", "[bodies]", "“council”"),
        ('council = "Industry Leadership', 'board = "Industry Leadership', "[bodies]", "“council”"),
        ('council = "Industry Leadership Council"', "council = 1", None, "text in quotes"),
        ('kind = "committee"', 'kind = "council"', "steering =", '"committee"'),
        ("seats = 8", "seats = 0", "steering =", "from 1 to 60"),
        ("symposium = 8", "symposum = 8", "symposium = 8", "no benefit “symposum”"),
        ("symposium = 8", 'symposium = "many"', "symposium = 8", "from 0 to 9,999"),
        ("symposium = 8", "symposium = -1", "symposium = 8", "from 0 to 9,999"),
        ('used_by = "course-places"', 'used_by = "courses"', None, '"student-projects"'),
        ('"course-places"\n', '"training-seats"\n', None, "two entries of [benefits]"),
        ('unit = "day"\n', "", "[benefits.campus-days]", "“unit” is missing"),
        ('name = "Recruiting events"', 'name = "Symposium places"', None, "two entries"),
        ("overdue_suspends_benefits = true", "overdue_suspends_benefits = 1", None, "true or"),
        ("seats = 8", "seats = true", "steering =", "from 1 to 60"),
        (", seats = 8", "", "steering =", "“seats” is missing"),
        ("seats = 8 }", "seats = 8, tier = 1 }", "steering =", "means nothing here"),
        ('"Steering committee", kind', '"Industry Leadership Council", kind', "[bodies]", "two"),
        ("steering = {", "council = {", None, "twice"),
        ("weights = {} ", "weights = { gold = 2 }", None, "“gold” means nothing here"),
        ("weights = {} ", "weights = { founding = 0 }", None, "from 1 to 1,000"),
        ("[privacy]\nversion =", "#", None, "headed [privacy]"),
    ],
)
def test_a_wrong_file_is_refused_with_line_and_reason(
    old: str, new: str, at: str | None, words: str
) -> None:
    complaint = refused(old, new)
    assert words in complaint
    if at is not None:
        assert complaint.startswith(f"line {line_of(at)}: ")


def test_a_slip_of_the_pen_is_named_beside_what_it_leaves_missing() -> None:
    with pytest.raises(BadFile) as caught:
        rules.parse(SHIPPED.replace("grace_days", "grace_dayz"))
    missing, unknown = caught.value.problems
    assert "“grace_days” is missing in [memberships]" in missing.reason
    assert unknown.reason == "“grace_dayz” means nothing here; is “grace_days” meant?"
    assert unknown.line == line_of("grace_days")


@pytest.mark.parametrize("probability", ["-1", "101", "50.5", '"50"', "true"])
def test_a_probability_is_a_whole_number_of_percent(probability: str) -> None:
    complaint = refused(
        'probability = 35, name = "Campus', f'probability = {probability}, name = "Campus'
    )
    assert complaint.startswith(f"line {line_of('Campus visit')}: ")
    assert "from 0 to 100" in complaint


def test_a_key_that_stands_twice_is_refused() -> None:
    complaint = refused("[tiers.member]", "[tiers.founding]")
    assert complaint.startswith(
        f"line {line_of('[tiers.member]')}: this key stands in the file twice"
    )


def test_all_faults_are_told_at_once_in_the_order_of_lines() -> None:
    wrong = SHIPPED.replace("fee = 0", "fee = []").replace("probability = 65", "probability = 650")
    with pytest.raises(BadFile) as caught:
        rules.parse(wrong)
    lines = [problem.line for problem in caught.value.problems]
    assert len(lines) == 3
    assert lines == sorted(lines)


def test_an_empty_file_says_what_it_lacks_without_repeating_itself() -> None:
    with pytest.raises(BadFile) as caught:
        rules.parse("")
    assert len(caught.value.problems) < 16
    assert "headed [programme]" in str(caught.value)


@given(st.data())
def test_whatever_is_cut_out_of_the_file_it_is_read_or_refused_with_lines(
    data: st.DataObject,
) -> None:
    start = data.draw(st.integers(0, len(SHIPPED)))
    end = data.draw(st.integers(start, min(len(SHIPPED), start + 60)))
    lines: set[int] = set()
    try:
        rules.parse(SHIPPED[:start] + SHIPPED[end:])
    except BadFile as refusal:
        lines = {problem.line for problem in refusal.problems}
    assert all(1 <= line <= SHIPPED.count("\n") + 1 for line in lines)


def test_onboarding_is_a_list_with_days_and_may_be_left_out() -> None:
    facts = rules.parse(SHIPPED)
    assert (facts.onboarding[0].key, facts.onboarding[0].days) == ("welcome-call", 3)
    assert facts.onboarding[-1].days == 90
    assert "“days” has to be" in refused(
        "welcome-call    = { days = 3, ", "welcome-call = { days = -1,"
    )
    start, end = SHIPPED.index("[stewardship.onboarding]"), SHIPPED.index("[inquiries]")
    assert rules.parse(SHIPPED[:start] + SHIPPED[end:]).onboarding == ()


def test_from_the_first_screened_stage_on_all_are_for_screened_companies() -> None:
    alliance, _, partnership = rules.parse(SHIPPED).modes
    assert [stage.screened for stage in partnership.stages] == [False, False] + [True] * 7
    assert [stage.key for stage in partnership.stages if stage.handed_off] == ["research-office"]
    assert not any(stage.screened or stage.handed_off for stage in alliance.stages)
    assert "screen in a later one" in refused(
        'probability = 5,  name = "Needs stated"', 'probability = 5, screened = true, name = "N"'
    )
    assert "a hand-off leads to one stage" in refused(
        'name = "Sponsors on both sides"', 'name = "Sponsors", handed_off = true'
    )
    assert "“screened”" in refused("screened = true }", "screened = 1 }")
