"""A desk answers in order, only what is still wanted, and turns every mishap into a sentence."""

from __future__ import annotations

import threading
from functools import partial
from typing import Any

import pytest

from stampede.errors import StampedeError
from stampede.tui.desk import Answer, Desk


class Who:
    """Somebody who gets answers."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.more = threading.Condition()

    def post_message(self, message: Answer) -> bool:
        with self.more:
            self.answers.append(message)
            self.more.notify()
        return True

    def wait_for(self, n: int) -> list[Answer]:
        with self.more:
            assert self.more.wait_for(lambda: len(self.answers) >= n, timeout=10)
        return self.answers


def test_of_the_questions_of_one_key_only_the_newest_is_answered() -> None:
    who, first, go = Who(), threading.Event(), threading.Event()
    desk = Desk(who)  # type: ignore[arg-type]

    def slow() -> str:
        first.set()
        go.wait(10)
        return "slow"

    desk.ask("a", slow)
    first.wait(10)
    for i in range(5):
        desk.ask("b", partial(int, i))
    desk.ask("c", lambda: "c")
    go.set()
    assert [(a.key, a.value) for a in who.wait_for(3)] == [("a", "slow"), ("b", 4), ("c", "c")]
    desk.close()


@pytest.mark.parametrize(
    "error, told",
    [
        (StampedeError("The moon is missing."), "The moon is missing."),
        (OSError(5, "Input/output error"), "It cannot be read: Input/output error."),
        (ValueError("odd\nand more"), "This is a defect of Stampede: ValueError: odd"),
    ],
)
def test_a_mishap_becomes_a_sentence_and_the_desk_goes_on(error: Exception, told: str) -> None:
    who = Who()
    desk = Desk(who)  # type: ignore[arg-type]

    def fail() -> Any:
        raise error

    desk.ask(1, fail)
    desk.ask(2, lambda: "well")
    found = who.wait_for(2)
    assert [(a.value, a.fault) for a in found] == [(None, told), ("well", "")]
    desk.close()


def test_a_closed_desk_answers_nothing_and_its_thread_ends() -> None:
    who = Who()
    desk = Desk(who)  # type: ignore[arg-type]
    desk.ask(1, lambda: 1)
    who.wait_for(1)
    thread = desk._thread
    assert thread is not None
    assert thread.daemon
    desk.close()
    desk.ask(2, lambda: 2)
    thread.join(10)
    assert not thread.is_alive()
    assert len(who.answers) == 1
