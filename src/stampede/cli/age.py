"""How old something has to be, as people write it."""

from __future__ import annotations

import re
from typing import Any, Final

import click

_DAY_S: Final = 86_400.0
#: units in seconds; a month has 30 days, a year 365
_UNITS_S: Final = {"h": 3600.0, "d": _DAY_S, "w": 7 * _DAY_S, "m": 30 * _DAY_S, "y": 365 * _DAY_S}


class Age(click.ParamType[float, str]):
    """A number with one of some ``units`` (``h``, ``d``, ``w``, ``m``, ``y``). Gives seconds."""

    name = "AGE"

    def __init__(self, units: str, examples: str) -> None:
        self._form = re.compile(rf"(\d{{1,6}}(?:\.\d{{1,3}})?)([{units}])")
        self._examples = examples

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        found = self._form.fullmatch(str(value).strip())
        if found is None:
            self.fail(f"{value!r} is no age. Write {self._examples}.", param, ctx)
        return float(found[1]) * _UNITS_S[found[2]]
