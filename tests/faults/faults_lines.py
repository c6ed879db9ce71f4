"""What happens to the lines of logs: torn, held back, damaged."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

from stampede.replaying.script import Step

from .catalogue import fault
from .lab import Lab, Outcome
from .player import Pace, Parts

_QUICK = Pace(400, 5)


def _begin(lab: Lab) -> None:
    lab.player.begin()
    lab.watch()
    lab.player.play(0.3)
    lab.caught_up()


def _root(lab: Lab) -> str:
    return lab.script.logs[0]


# ---- torn -----------------------------------------------------------------------------------------------------------


def _pieces(lab: Lab, data: bytes, number: int, rest_s: float) -> Iterator[bytes | float]:
    """The data in so many pieces, with a rest after each."""
    cuts = sorted(lab.random.randrange(len(data) + 1) for _ in range(number - 1))
    for begin, end in zip([0, *cuts], [*cuts, len(data)], strict=True):
        yield data[begin:end]
        yield lab.random.uniform(0, rest_s)


@fault("half lines", "dm_g_hold", Pace(2000, 1))
def half_lines(lab: Lab) -> Outcome:
    """Every tenth write of every log is torn, with a rest within."""

    def change(step: Step) -> Parts | None:
        return _pieces(lab, step.data, 3, 0.1) if lab.random.random() < 0.1 and b"PID =" not in step.data else None

    lab.player.change = change
    lab.player.begin()
    lab.watch()
    lab.player.play()
    return lab.outcome()


@fault("a rest behind every line of DAGMan's banner", "dm_c_rescue", _QUICK, key="banner_plain")
@fault("a rest behind every line of DAGMan's banner", "dm_e_subdag", _QUICK, key="banner_nested", long=True)
@fault("a rest behind every line of DAGMan's banner", "pg_hier_fail", _QUICK, key="banner_pegasus")
def banner(lab: Lab) -> Outcome:
    """The log of each DAGMan begins slowly: who it is comes to light line by line."""
    seen: dict[str, int] = {}

    def change(step: Step) -> Parts | None:
        if not step.log.endswith(".dagman.out"):
            return None
        if b"STARTING UP" in step.data:
            seen[step.log] = 0
        seen[step.log] = seen.get(step.log, 0) + 1
        if seen[step.log] < 100 and seen[step.log] % 8 == 0:
            time.sleep(0.12)
        return None

    lab.player.change = change
    lab.player.begin()
    lab.watch()
    lab.player.play()
    return lab.outcome()


@fault("DAGMan's banner stops for 4 s", "dm_c_rescue", _QUICK, key="banner_stops")
@fault("DAGMan's banner stops for 4 s", "dm_e_subdag", _QUICK, key="banner_stops_nested", long=True)
def banner_stops(lab: Lab) -> Outcome:
    """Only the first line is there, then the first five, then those up to the process id."""
    seen: dict[str, int] = {}

    def change(step: Step) -> Parts | None:
        if step.log.endswith(".dagman.out") and (step.log == _root(lab) or b"inner_ok" in step.log.encode()):
            seen[step.log] = seen.get(step.log, 0) + 1
            if seen[step.log] in (2, 6, 9):
                time.sleep(4)
        return None

    lab.player.change = change
    lab.player.begin()
    lab.watch()
    lab.player.play()
    return lab.outcome()


@fault("a character torn within", "dm_g_hold", _QUICK)
def torn_characters(lab: Lab) -> Outcome:
    """Reasons and hosts in UTF-8 that come byte by byte; a few bytes that are none."""

    def change(step: Step) -> Parts | None:
        if not step.log.endswith((".dagman.out", ".nodes.log")) or b"PID =" in step.data:
            return None
        data = step.data.replace(b"icence", "îcênce €𝄞".encode()).replace(b"operator", b"op\xe9rateur")
        return _bytewise(data) if data != step.data else None

    lab.player.change = change
    lab.player.begin()
    lab.watch()
    lab.player.play()
    return lab.outcome()


def _bytewise(data: bytes) -> Iterator[bytes | float]:
    """All bytes that are no ASCII one by one, with a rest before each."""
    for part in re.findall(rb"[\x00-\x7f]+|[\x80-\xff]", data):
        if part[0] > 127:
            yield 0.03
        yield part


@fault("a rest between a hold and its reason", "dm_g_hold", _QUICK, key="hold_reason_rest")
@fault("a rest between a hold and its reason, kill -9", "dm_g_hold", _QUICK, key="hold_reason_kill")
@fault("a rest between a hold and its reason, kill -9", "pg_fail", _QUICK, key="hold_reason_kill_pegasus", long=True)
def hold_reason(lab: Lab) -> Outcome:
    """DAGMan writes them as two lines."""
    kills = lab.home.name.startswith("hold_reason_kill")
    tries = 0

    def change(step: Step) -> Parts | None:
        nonlocal tries
        if step.log.endswith(".dagman.out") and (b"ULOG_JOB_HELD" in step.data or b"Hold reason" in step.data):
            lab.player.write(step.log, step.data)
            tries += 1
            time.sleep(0.7)
            if kills:
                lab.watches[-1].kill()
                lab.watch()
            return ()
        return None

    lab.player.change = change
    lab.player.begin()
    lab.watch()
    lab.player.play(0.3)
    lab.caught_up()
    lab.player.play()
    return lab.outcome(tries=tries)


# ---- damaged --------------------------------------------------------------------------------------------------------


@fault("lines that end in CR LF", "dm_g_hold", _QUICK, key="crlf_plain")
@fault("lines that end in CR LF", "pg_retry", _QUICK, key="crlf_pegasus", long=True)
def crlf(lab: Lab) -> Outcome:
    def change(step: Step) -> Parts | None:
        if not step.log.endswith(".dagman.out"):
            return None
        data = re.sub(rb"\*\* PID = \d+", b"** PID = %d" % lab.player.pid, step.data)
        return (data.replace(b"\n", b"\r"), b"\n")

    lab.player.change = change
    lab.player.begin()
    lab.watch()
    lab.player.play()
    return lab.outcome()


@fault("a line of 3 MB", "pg_fail", _QUICK, key="long_line", long=True)
@fault("a line of 3 MB, kill -9 in its middle", "pg_fail", _QUICK, key="long_line_kill")
def long_line(lab: Lab) -> Outcome:
    _begin(lab)
    stamp = lab.script.steps[lab.player.at].when
    head = f"{stamp[5:7]}/{stamp[8:10]}/{stamp[2:4]} {stamp[11:]} ".encode()
    lab.player.write(_root(lab), head)
    for _ in range(30):
        lab.player.write(_root(lab), b"x" * 100_000)
        time.sleep(0.02)
    if lab.home.name == "long_line_kill":
        lab.watches[-1].kill()
        lab.watch()
        time.sleep(0.5)
    lab.player.write(_root(lab), b"\n")
    lab.recover()
    lab.player.play(0.6)
    return lab.outcome()


@fault("rubbish between the lines", "pg_hier_fail", _QUICK)
def rubbish_lines(lab: Lab) -> Outcome:
    """Bytes of no meaning, empty lines, NULs within lines, half stamps."""
    rubbish = (b"\n", b"\0\0\0\n", b"11/21/26 \n", bytes(range(128, 256)) + b"\n", b"\x1b[31mred\x1b[0m\r\n", b"a\0b\n")

    def change(step: Step) -> Parts | None:
        if step.log.endswith(".dagman.out") and lab.random.random() < 0.05 and b"PID =" not in step.data:
            return step.data, lab.random.choice(rubbish)
        return None

    lab.player.change = change
    lab.player.begin()
    lab.watch()
    lab.player.play()
    return lab.outcome()


@fault("the last line has no end", "pg_fail", _QUICK)
def no_last_newline(lab: Lab) -> Outcome:
    """A load takes it as it is; so does a watch, once nothing follows."""
    final = max(at for at, step in enumerate(lab.script.steps) if step.log == _root(lab))
    last = lab.script.steps[final]
    lab.player.change = lambda step: (step.data.rstrip(b"\n"),) if step is last else None
    lab.player.begin()
    lab.watch()
    lab.player.play()
    return lab.outcome()
