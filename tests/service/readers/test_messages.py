"""What goes from one process to another arrives as it was: work, answers, and every error that we raise on purpose."""

from __future__ import annotations

import io

import pytest

from stampede import errors
from stampede.service.kept import Answer
from stampede.service.problems import ProblemError
from stampede.service.readers.messages import Failed, failed, packed, received, unpacked

_MORE = {
    "InputError": {"path": "x", "offset": 3},
    "FilterError": {"offset": 2, "part": 1},
    "BusyError": {"holder": "h"},
}


def _over(message: bytes) -> object:
    body = received(io.BytesIO(message))
    assert body is not None
    return unpacked(body)


def _errors() -> list[Exception]:
    kinds = [k for k in vars(errors).values() if isinstance(k, type) and issubclass(k, errors.StampedeError)]
    ours: list[Exception] = [k("It is so.", **_MORE.get(k.__name__, {})) for k in kinds]
    return [*ours, ProblemError(404, "no-cause", "There is none.", headers={"a": "b"}), ValueError("a", 2)]


@pytest.mark.parametrize("error", _errors(), ids=lambda error: type(error).__name__)
def test_an_error_is_the_same_on_the_other_side(error: Exception) -> None:
    facts = dict(error.__dict__)
    found = _over(failed(error))
    assert isinstance(found, Failed)
    again = found.error()
    assert (type(again), again.args, str(again)) == (type(error), error.args, str(error))
    assert {name: getattr(again, name) for name in facts} == facts


def test_an_error_says_where_it_happened() -> None:
    def deep() -> None:
        raise KeyError("deep")

    with pytest.raises(KeyError) as raised:
        deep()
    found = _over(failed(raised.value))
    assert isinstance(found, Failed)
    assert "in deep" in found.error().__notes__[0]


def test_an_error_that_cannot_leave_its_process_is_told_as_text() -> None:
    class OwnError(Exception):
        pass

    found = _over(failed(OwnError("of this test")))
    assert isinstance(found, Failed)
    assert "of this test" in str(found.error())


def test_an_answer_arrives_as_it_was() -> None:
    answer = Answer(body=b"\0" * 300_000, media_type="text/csv", headers={"link": "x"}, took_s=1.5)
    assert _over(packed(answer)) == answer


def test_a_message_that_is_cut_off_is_none() -> None:
    whole = packed(Answer(body=b"abc", media_type="text/csv"))
    assert [received(io.BytesIO(whole[:n])) for n in (0, 5, len(whole) - 1)] == [None, None, None]
