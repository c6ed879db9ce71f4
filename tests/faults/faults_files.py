"""What happens to the files beside the log: late, by halves, not there yet at all."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable

from .catalogue import fault
from .lab import Lab, Outcome
from .player import Pace


class _Late:
    """Puts files in place after a while, in threads of its own."""

    def __init__(self, lab: Lab, least_s: float, most_s: float, put: Callable[[str], None]) -> None:
        self._lab, self._least_s, self._most_s, self._put = lab, least_s, most_s, put
        self._threads: list[threading.Timer] = []

    def place(self, name: str) -> None:
        wait = self._lab.random.uniform(self._least_s, self._most_s)
        timer = threading.Timer(wait, self._put, (name,))
        timer.start()
        self._threads.append(timer)

    def join(self) -> None:
        for thread in self._threads:
            thread.join()


def _is_output(name: str) -> bool:
    return ".out" in name or ".err" in name


def _with_late_files(
    lab: Lab, least_s: float, most_s: float, put: Callable[[str], None], *, kills: int = 0, at_the_end: bool = False
) -> Outcome:
    """Play with output files that come late; those of the last jobs only with ``at_the_end``."""
    late = _Late(lab, least_s, most_s, put)
    last = len(lab.script.steps) if at_the_end else 0.7 * len(lab.script.steps)

    def place(name: str) -> None:
        if _is_output(name) and "lib." not in name and lab.player.at < last:
            late.place(name)
        else:
            lab.player.copy(name)

    lab.player.place = place
    lab.player.begin()
    lab.watch()
    for kill in range(kills):
        lab.player.play(0.6 * (kill + 1) / kills)
        lab.watches[-1].kill()
        lab.watch()
    lab.player.play(0.7)
    if not at_the_end:
        late.join()
    lab.player.play()
    if at_the_end:
        lab.player.finish()
        lab.dagman_ends()
        late.join()
    return lab.outcome(tries=max(kills, 1))


@fault("output files come seconds late", "pg_retry", Pace(200, 5), key="late_files")
@fault("output files come seconds late", "made_hier", Pace(800, 5), key="late_files_hier", long=True)
@fault("output files come seconds late", "dm_e_subdag", Pace(400, 5), key="late_files_plain")
def late_files(lab: Lab) -> Outcome:
    return _with_late_files(lab, 0.3, 4.0, lab.player.copy)


@fault("output files come seconds late, kill -9", "pg_fail", Pace(150, 5), key="late_files_kill")
@fault("output files come seconds late, kill -9", "made_broken", Pace(500, 5), key="late_files_kill_made", long=True)
def late_files_kill(lab: Lab) -> Outcome:
    return _with_late_files(lab, 0.3, 4.0, lab.player.copy, kills=5)


@fault("output files come seconds late, kill -9", "pg_fail", Pace(500, 5), key="owed_over_a_kill")
@fault("output files come seconds late, kill -9", "dm_g_hold", Pace(500, 5), key="owed_over_a_kill_plain", long=True)
def owed_over_a_kill(lab: Lab) -> Outcome:
    """The files of one job come when the watch that noticed their absence is no more."""
    ends = [at for at, step in enumerate(lab.script.steps) if any(_is_output(name) for name in step.files)]
    at = ends[len(ends) // 3]
    kept: list[str] = []
    lab.player.place = lambda name: kept.append(name) if lab.player.at == at else lab.player.copy(name)
    lab.player.begin()
    lab.watch()
    lab.player.play((at + 20) / len(lab.script.steps))
    lab.caught_up()
    for _ in range(2):
        lab.watches[-1].kill()
        lab.watch()
        lab.recover()
    for name in kept:
        lab.player.copy(name)
    time.sleep(2)
    lab.player.place = lab.player.copy
    return lab.outcome(tries=2)


@fault("output files of the last jobs come 2 s late", "pg_clusters_label", Pace(400, 5))
def late_at_the_end(lab: Lab) -> Outcome:
    """DAGMan has ended before they are there."""
    return _with_late_files(lab, 1.9, 2.1, lab.player.copy, at_the_end=True)


def _append_later(lab: Lab, name: str, at: int) -> None:
    """A file up to a place, moved there at once; the rest follows after a second."""
    data = (lab.script.source / name).read_bytes()
    target = lab.folder / name
    target.parent.mkdir(parents=True, exist_ok=True)
    half = target.with_name(f".{target.name}.half")
    half.write_bytes(data[:at])
    half.rename(target)
    time.sleep(1)
    with target.open("ab") as file:
        file.write(data[at:])


def _half_records(lab: Lab) -> Callable[[str], None]:
    """Output files are cut in the middle of their last record."""

    def put(name: str) -> None:
        data = (lab.script.source / name).read_bytes()
        record = data.rfind(b"\n  version:")
        if record < 0 or ".out" not in name:
            lab.player.copy(name)
        else:
            _append_later(lab, name, (record + len(data)) // 2)

    return put


def _half_files(lab: Lab) -> Callable[[str], None]:
    """Output files and what programs wrote on their standard error are cut anywhere, at their beginning too."""

    def put(name: str) -> None:
        _append_later(lab, name, (lab.script.source / name).stat().st_size * (len(name) % 4) // 4)

    return put


@fault("half kickstart records", "pg_fail", Pace(150, 5), key="half_records")
@fault("half kickstart records", "made_300", Pace(1500, 5), key="half_records_made", long=True)
@fault("half kickstart records", "pg_clusters_label", Pace(200, 5), key="half_records_clustered")
def half_records(lab: Lab) -> Outcome:
    return _with_late_files(lab, 0.0, 0.0, _half_records(lab))


@fault("half kickstart records, kill -9", "pg_retry", Pace(200, 5))
def half_records_kill(lab: Lab) -> Outcome:
    return _with_late_files(lab, 0.0, 0.0, _half_records(lab), kills=5)


@fault("half output files of any kind", "pg_fail", Pace(150, 5), key="half_files")
@fault("half output files of any kind", "made_300", Pace(1500, 5), key="half_files_made", long=True)
def half_files(lab: Lab) -> Outcome:
    return _with_late_files(lab, 0.0, 0.0, _half_files(lab))


# ---- nothing there yet ----------------------------------------------------------------------------------------------


@fault("directory appears later", "pg_hier_fail", Pace(600, 5))
def directory_later(lab: Lab) -> Outcome:
    """``--wait``; the folder comes first, then what is in it, file by file."""
    lab.watch("--wait")
    time.sleep(1.5)
    lab.folder.mkdir(parents=True)
    time.sleep(0.7)
    for name in lab.script.first:
        lab.player.copy(name)
        time.sleep(0.02)
    time.sleep(0.7)
    lab.recover()
    return lab.outcome()


@fault("directory appears later", "dm_e_subdag", Pace(600, 5))
def directory_later_at_once(lab: Lab) -> Outcome:
    """It is moved in place with a DAGMan that runs already."""
    away = lab.folder.with_name("away")
    lab.player.folder = away
    lab.player.begin()
    lab.player.play(0.3)
    lab.watch("--wait")
    time.sleep(1)
    away.rename(lab.folder)
    lab.player.folder = lab.folder
    lab.recover()
    return lab.outcome()


@fault("DAG appears later", "dm_c_rescue", Pace(400, 5), key="dag_later")
@fault("DAG appears later", "pg_fail", Pace(400, 5), key="dag_later_pegasus", long=True)
def dag_later(lab: Lab) -> Outcome:
    """The folder is there, the DAG is written slowly, the planner's files follow; then DAGMan starts."""
    lab.folder.mkdir(parents=True)
    dag = lab.script.logs[0].removesuffix(".dagman.out")
    lab.watch()
    time.sleep(1)
    data = (lab.script.source / dag).read_bytes()
    for part in range(8):
        with (lab.folder / dag).open("ab") as file:
            file.write(data[len(data) * part // 8 : len(data) * (part + 1) // 8])
        time.sleep(0.4)
    for name in lab.script.first:
        if name != dag:
            lab.player.copy(name)
    lab.player.lines(99)
    lab.recover()
    return lab.outcome()


@fault("DAG appears after DAGMan's log", "dm_c_rescue", Pace(400, 5), key="dag_last")
@fault("DAG appears after DAGMan's log", "dm_e_subdag", Pace(400, 5), key="dag_last_nested", long=True)
@fault("DAG appears after DAGMan's log", "pg_fail", Pace(400, 5), key="dag_last_pegasus", long=True)
def dag_last(lab: Lab) -> Outcome:
    """As a network file system may show them: the log first, all else two seconds later, the DAG at last."""
    _log_first(lab, sorted(lab.script.first, key=lambda name: name.endswith(".dag")))
    return lab.outcome()


@fault("DAG appears after DAGMan's log, submit files after that", "dm_e_subdag", Pace(400, 5))
def submit_files_last(lab: Lab) -> Outcome:
    _log_first(lab, sorted(lab.script.first, key=lambda name: not name.endswith(".dag")))
    return lab.outcome()


def _log_first(lab: Lab, names: list[str]) -> None:
    lab.watch("--wait")
    time.sleep(0.5)
    lab.player.play(0.2)
    time.sleep(2)
    for name in names:
        lab.player.copy(name)
        time.sleep(0.005)
    time.sleep(1)
    lab.recover()


@fault("submit files appear late", "pg_fail", Pace(400, 5))
def submit_files_late(lab: Lab) -> Outcome:
    """They come when the first jobs have been submitted."""
    late = [n for n in lab.script.first if n.endswith(".sub") and "condor.sub" not in n]
    for name in lab.script.first:
        if name not in late:
            lab.player.copy(name)
    lab.watch()
    lab.player.play(0.25)
    time.sleep(1)
    for name in late:
        lab.player.copy(name)
    lab.recover()
    return lab.outcome()


@fault("submit directory copied under the watch", "pg_hier_fail", Pace(600, 5))
def copied(lab: Lab) -> Outcome:
    """All files are replaced by copies of themselves, as a restored backup is; then DAGMan goes on in them."""
    lab.player.begin()
    lab.watch()
    lab.player.play(0.5)
    lab.caught_up()
    copy = lab.home / "copy"
    shutil.copytree(lab.folder, copy)
    for path in sorted(p for p in copy.rglob("*") if p.is_file()):
        path.rename(lab.folder / path.relative_to(copy))
    for log in {s.log for s in lab.script.steps[: lab.player.at]}:
        lab.player.reopen(log)
    lab.recover()
    return lab.outcome()
