"""Submit directories in parts: what is said of them when some of their files are not there."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree

from stampede.events import catalogue as ev
from stampede.sources.open import open_source


def told(path: Path) -> list[ev.Event]:
    return [e for batch in open_source(path).batches() for e in batch.events]


def problems(path: Path) -> dict[str, str]:
    return {e.kind: e.message for e in told(path) if isinstance(e, ev.Problem)}


def test_nodes_that_wait_for_each_other_are_named_before_the_dag_is_started(tmp_path: Path) -> None:
    dag = tmp_path / "x.dag"
    dag.write_text("JOB A a.sub\nJOB B a.sub\nJOB C a.sub\nJOB D a.sub\n"
                   "PARENT A CHILD B\nPARENT B CHILD C\nPARENT C CHILD B D\n")  # fmt: skip
    (tmp_path / "a.sub").write_text("executable = /bin/true\nqueue\n")
    assert "each other: C -> B -> C." in problems(dag)["dag_cycle"]
    dag.write_text("JOB A a.sub\nJOB B a.sub\nPARENT A CHILD B\n")
    assert set(problems(dag)) == {"not_started"}


def test_metadata_of_the_workflow_are_known_without_static_bp(corpus: Path, tmp_path: Path) -> None:
    run = Path(copytree(corpus / "pg_fail", tmp_path / "run"))
    before = [(e.key, e.value) for e in told(run) if isinstance(e, ev.XwfMeta)]
    (run / "failing-0.static.bp").unlink()
    (run / "failing-0.metadata").write_text('{"wf_metadata": {"wf.api": "python"}, "graph": {"jobs": {}}}')
    assert [(e.key, e.value) for e in told(run) if isinstance(e, ev.XwfMeta)] == before == [("wf.api", "python")]
    (run / "failing-0.metadata").write_text("{")
    assert "metadata" in problems(run)
