"""Our database says what the peer's says, value by value, except where docs/reference/differences.md says why not."""

from __future__ import annotations

import pytest

from .compare import compare
from .explained import explain
from .runs import Case

pytestmark = [pytest.mark.conformance, pytest.mark.shared]


def test_every_difference_from_the_peers_database_is_explained(case: Case) -> None:
    _, left = explain(compare(case.ours, case.theirs))
    assert not left, f"{len(left)} differences that nothing explains:\n" + "\n".join(map(str, left[:40]))
