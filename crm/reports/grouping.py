"""Groups rows with pandas, in a process of its own: JSON in, JSON out. See `child`.

In: {"rows": [{…}], "by": [columns], "sum": [columns]}. Out: the groups in the order of `by`, each
with its `count` and its sums. Whole numbers stay whole.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import pandas as pd


def grouped(rows: list[dict[str, Any]], by: list[str], summed: list[str]) -> list[dict[str, Any]]:
    if not rows:
        return []
    frame = pd.DataFrame(rows).astype(dict.fromkeys(summed, "int64"))
    groups = frame.groupby(by, sort=True, dropna=False)
    result = groups[summed].sum()
    result.insert(0, "count", groups.size())
    found: list[dict[str, Any]] = json.loads(result.reset_index().to_json(orient="records"))
    return found


if __name__ == "__main__":
    asked = json.load(sys.stdin.buffer)
    json.dump(grouped(asked["rows"], asked["by"], asked["sum"]), sys.stdout)
