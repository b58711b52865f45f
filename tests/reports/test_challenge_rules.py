"""Gaps of the challenge map, and the order in which faculty are introduced to a company."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from crm.reports.challenges.rules import Part, Scholar, gaps, sharing, to_introduce

CHALLENGES = st.frozensets(st.integers(1, 5), max_size=5)
COUNTS = st.dictionaries(st.sampled_from(Part), st.integers(0, 3))


@st.composite
def scholars(draw):
    return [
        Scholar(
            id=id_, name=f"N{id_}", name_key=draw(st.sampled_from("abc")), field="x",
            challenges=draw(CHALLENGES), met=draw(st.integers(0, 3)),
        )
        for id_ in range(1, draw(st.integers(0, 8)) + 1)
    ]  # fmt: skip


@given(COUNTS)
def test_a_gap_is_whatever_is_counted_as_none(counts):
    missing = gaps(counts)
    assert set(missing) == {part for part in Part if not counts.get(part)}
    assert list(missing) == [part for part in Part if part in missing]
    assert gaps(counts, retired=True) == []


@given(CHALLENGES, scholars())
def test_exactly_those_who_share_one_are_named_and_with_what_they_share(wanted, people):
    found = {one.scholar.id: one.challenges for one in sharing(wanted, people)}
    assert found == {p.id: p.challenges & wanted for p in people if p.challenges & wanted}


@given(CHALLENGES, scholars())
def test_more_in_common_comes_first_then_who_met_fewer(wanted, people):
    found = sharing(wanted, people)
    for one, after in pairwise(found):
        assert len(one.challenges) >= len(after.challenges)
        if len(one.challenges) == len(after.challenges):
            assert one.scholar.met <= after.scholar.met
    assert sharing(wanted, reversed(people)) == found


@given(CHALLENGES, scholars(), st.sets(st.integers(1, 8)), st.integers(1, 4))
def test_who_has_met_is_left_out_and_nobody_is_lost(wanted, people, met, most):
    shared = sharing(wanted, people)
    first, more = to_introduce(shared, met, most=most)
    assert not {one.scholar.id for one in first} & met
    assert len(first) <= most
    assert len(first) + more == sum(one.scholar.id not in met for one in shared)
    assert list(first) == [one for one in shared if one.scholar.id not in met][:most]
