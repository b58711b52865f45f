"""What is quicker must be the same."""

from __future__ import annotations

import importlib.util

from hypothesis import given
from hypothesis import strategies as some
from markupsafe import Markup

from crm.web.attributes import html_params


def original():
    """WTForms' own, from a module that nobody has changed."""
    found = importlib.util.find_spec("wtforms.widgets.core")
    fresh = importlib.util.module_from_spec(found)
    found.loader.exec_module(fresh)
    return fresh.html_params


ORIGINAL = original()
names = some.from_regex(r"(data_|aria_)?[a-z][a-z_:-]{0,8}", fullmatch=True)
values = some.one_of(
    some.booleans(), some.text(), some.integers(), some.none(), some.text().map(Markup)
)


@given(some.dictionaries(names, values, max_size=6))
def test_attributes_are_written_as_wtforms_does(attributes) -> None:
    assert html_params(**attributes) == ORIGINAL(**attributes)


def test_a_value_cannot_end_its_attribute() -> None:
    assert html_params(value='"><script>') == 'value="&#34;&gt;&lt;script&gt;"'
    assert html_params(value=Markup('" onclick="x')) == 'value="&quot; onclick=&quot;x"'
