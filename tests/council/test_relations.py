"""Related companies share a seat: the topmost member carries it, whatever the family looks like."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crm.council.relations import Entitled, carriers, voters

PARENT, DAUGHTER, SISTER, GRANDCHILD = 1, 2, 3, 4
FAMILY = {DAUGHTER: PARENT, SISTER: PARENT, GRANDCHILD: DAUGHTER}


def member(id_: int, **more: bool) -> Entitled:
    return Entitled(id_, **{"member": True, **more})


def test_parent_and_subsidiary_share_the_parent_s_seat() -> None:
    found = carriers([member(DAUGHTER), member(PARENT), member(9)], FAMILY)
    assert found == {PARENT: PARENT, DAUGHTER: PARENT, 9: 9}


def test_sisters_of_a_parent_that_is_no_member_share_the_first_one_s() -> None:
    found = carriers([member(SISTER), member(DAUGHTER), member(GRANDCHILD)], FAMILY)
    assert found == dict.fromkeys((SISTER, DAUGHTER, GRANDCHILD), DAUGHTER)


def test_an_agreement_gives_a_seat_of_its_own() -> None:
    found = carriers([member(PARENT), member(DAUGHTER, own_seat=True), member(SISTER)], FAMILY)
    assert found == {PARENT: PARENT, DAUGHTER: DAUGHTER, SISTER: PARENT}
    found = carriers([member(PARENT, own_seat=True), member(DAUGHTER), member(SISTER)], FAMILY)
    assert found == {PARENT: PARENT, DAUGHTER: DAUGHTER, SISTER: DAUGHTER}


def test_who_becomes_a_member_later_carries_nobody_s_seat_before() -> None:
    found = carriers([Entitled(PARENT, member=False), member(DAUGHTER)], FAMILY)
    assert found == {PARENT: PARENT, DAUGHTER: DAUGHTER}
    found = carriers([member(PARENT), Entitled(DAUGHTER, member=False)], FAMILY)
    assert found[DAUGHTER] == PARENT


def test_a_circle_of_parents_ends() -> None:
    assert carriers([member(2), member(1)], {1: 2, 2: 1}) == {1: 1, 2: 1}


def test_a_shared_seat_votes_while_one_that_shares_it_would() -> None:
    daughter, sister = member(DAUGHTER, votes=True), member(SISTER, votes=True)
    assert voters([member(PARENT), daughter], FAMILY) == {PARENT: (DAUGHTER,)}
    assert voters([member(PARENT, votes=True), sister, daughter], FAMILY) == {
        PARENT: (PARENT, DAUGHTER, SISTER)
    }
    assert voters([member(PARENT), member(DAUGHTER)], FAMILY) == {PARENT: ()}
    own = member(DAUGHTER, votes=True, own_seat=True)
    assert voters([member(PARENT), own], FAMILY) == {PARENT: (), DAUGHTER: (DAUGHTER,)}
    later = Entitled(DAUGHTER, member=False, votes=True)
    assert voters([member(PARENT), later], FAMILY) == {PARENT: ()}


companies = st.lists(
    st.builds(Entitled, st.integers(1, 9), st.booleans(), st.booleans(), st.booleans()),
    unique_by=lambda entitled: entitled.company_id,
)
# A parent has a smaller number: a forest.
forests = st.dictionaries(st.integers(2, 9), st.integers(1, 8)).map(
    lambda parents: {child: parent for child, parent in parents.items() if parent < child}
)


def line_up(company_id: int, parents: dict[int, int]) -> list[int]:
    """The company, its parent, its parent's parent …"""
    line = [company_id]
    while line[-1] in parents:
        line.append(parents[line[-1]])
    return line


@given(companies, forests)
def test_in_every_family_one_seat_is_shared_and_the_rest_are_own(
    entitled: list[Entitled], parents: dict[int, int]
) -> None:
    found = carriers(entitled, parents)
    known = {one.company_id: one for one in entitled}
    assert found.keys() == known.keys()
    for company_id, carrier_id in found.items():
        one, carrier = known[company_id], known[carrier_id]
        if one.own_seat:
            assert carrier_id == company_id
            continue
        lines = line_up(company_id, parents), line_up(carrier_id, parents)
        assert lines[0][-1] == lines[1][-1]  # of one family
        assert carrier_id == company_id or (carrier.member and not carrier.own_seat)
        for other in entitled:
            theirs = line_up(other.company_id, parents)
            if theirs[-1] != lines[0][-1] or other.own_seat or not other.member:
                continue
            assert len(lines[1]) <= len(theirs)  # nobody stands higher
            if one.member:  # all members of the family that share have the same seat
                assert found[other.company_id] == carrier_id


@given(companies, forests, st.randoms())
def test_the_order_in_which_companies_are_told_does_not_matter(
    entitled: list[Entitled], parents: dict[int, int], chance: object
) -> None:
    found = carriers(entitled, parents)
    mixed = list(entitled)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert carriers(mixed, parents) == found


@given(companies, forests)
def test_who_would_vote_alone_is_heard_by_exactly_one_seat(
    entitled: list[Entitled], parents: dict[int, int]
) -> None:
    carried, heard = carriers(entitled, parents), voters(entitled, parents)
    assert heard.keys() == set(carried.values())
    for carrier_id, by in heard.items():
        assert all(carried[company_id] == carrier_id for company_id in by)
        depths = [(len(line_up(company_id, parents)), company_id) for company_id in by]
        assert depths == sorted(depths)
    told = sorted(company_id for by in heard.values() for company_id in by)
    assert told == sorted(one.company_id for one in entitled if one.votes and one.member)
