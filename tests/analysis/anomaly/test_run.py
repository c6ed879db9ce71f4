"""A whole run: silences, missing ends, and that judging anew gives the same."""

from __future__ import annotations

from stampede.analysis.anomaly.finding import Anomaly
from stampede.analysis.anomaly.run import RunJudge
from stampede.query.measured import OpenTry

from .samples import tried

_HOUR = 3600.0


def _open(*, superseded: bool = False, over: bool = False, execute_ts: float = 0.0, last_ts: float = 100.0) -> OpenTry:
    return OpenTry(path="a", attempt=2, transformation="t", machine="h1", submit_ts=None, execute_ts=execute_ts,
                   superseded=superseded, over=over, last_ts=last_ts)  # fmt: skip


def _kinds(found: list[Anomaly]) -> list[str]:
    return [a.kind for a in found]


def _steady(judge: RunJudge, count: int = 30, begin_ts: float = 1000.0) -> float:
    for i in range(count):
        judge.judge(tried(f"j{i}", begin_ts + 60 * i, seq=i + 1))
    return begin_ts + 60 * (count - 1)


def test_a_start_without_an_end_is_told_when_no_end_can_come() -> None:
    assert _kinds(RunJudge("r").look([_open(over=True)])) == ["start_without_end"]
    assert _kinds(RunJudge("r").look([_open(superseded=True)])) == ["start_without_end"]
    assert RunJudge("r").look([_open()]) == []


def test_a_try_that_still_runs_is_told_when_it_is_overdue_by_what_is_usual() -> None:
    judge = RunJudge("r")
    last = _steady(judge)
    assert judge.look([_open(execute_ts=last - 60)], now_ts=last + 30) == []
    found = judge.look([_open(execute_ts=last - 60)], now_ts=last + 500)
    assert _kinds(found) == ["start_without_end"]
    assert "expected 60 s" in found[0].reason
    assert judge.look([_open(execute_ts=last - 60)], now_ts=last + 500) == []


def test_a_long_silence_is_a_stall_unless_the_engine_stood_still_or_a_job_explains_it() -> None:
    judge = RunJudge("r")
    last = _steady(judge)
    judge.judge(tried("late", last + 2 * _HOUR, seq=99))
    found = judge.look([])
    assert _kinds(found) == ["stall"]
    assert found[0].observed is not None
    assert found[0].observed > 1.9 * _HOUR
    again = RunJudge("r")
    last = _steady(again)
    again.judge(tried("late", last + 2 * _HOUR, seq=99))
    assert again.look([], [(last, last + 2 * _HOUR)]) == []
    explained = RunJudge("r")
    last = _steady(explained)
    explained.judge(tried("long", last + 2 * _HOUR, took_s=2 * _HOUR + 30, seq=99, transformation="long"))
    assert [a for a in explained.look([]) if a.kind == "stall"] == []


def test_silence_so_far_counts_while_the_run_goes_on() -> None:
    judge = RunJudge("r")
    last = _steady(judge)
    assert judge.look([], now_ts=last + 300) == []
    found = judge.look([], now_ts=last + _HOUR)
    assert _kinds(found) == ["stall"]
    assert "so far" in found[0].reason


def test_earlier_runs_teach_and_tell_nothing() -> None:
    judge = RunJudge("now")
    for run in range(5):
        judge.learn(f"past{run}", [tried(f"j{i}", run * 1e4 + 60.0 * i, seq=i) for i in range(12)])
    assert not judge.told
    news = judge.judge(tried("j3", 1e6, took_s=600.0))
    assert _kinds(news) == ["job"]
    assert "expected 60 s" in news[0].reason
    assert "this node" in news[0].reason


def test_judging_anew_in_the_same_order_gives_the_same_words() -> None:
    tries = [tried(f"j{i}", 60.0 * (i // 3), took_s=60.0 + (500 if i % 17 == 5 else i % 3), seq=i) for i in range(120)]
    first, second = RunJudge("r"), RunJudge("r")
    for one in tries:
        first.judge(one)
    for one in tries[:50]:
        second.judge(one)
    restarted = RunJudge("r")
    for one in tries:
        restarted.judge(one)
    assert first.told == restarted.told
    assert first.told


def test_of_a_job_of_which_nobody_knows_what_it_runs_only_its_own_past_counts() -> None:
    judge = RunJudge("r")
    for i in range(40):
        judge.judge(tried(f"j{i}", 60.0 * i, took_s=60.0, seq=i, transformation=None))
    assert judge.judge(tried("other", 1e4, took_s=6000.0, seq=99, transformation=None)) == []
