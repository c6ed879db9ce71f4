"""DAG files: every command is understood, and no content stops the reading."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stampede.sources.dagman.dagfile import Dag, parse_dag
from stampede.sources.dagman.daglines import Lines
from stampede.sources.dagman.graph import find_cycle
from stampede.sources.dagman.problem import Problems


def dag(tmp_path: Path, text: str | bytes, **others: str) -> Dag:
    for name, content in others.items():
        (tmp_path / f"{name}.dag").write_text(content)
    path = tmp_path / "x.dag"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return parse_dag(path)


def kinds(found: Dag) -> list[str]:
    return [problem.kind for problem in found.problems]


def test_nodes_of_every_type_keep_what_their_lines_say(tmp_path: Path) -> None:
    found = dag(
        tmp_path,
        """
        # a comment
        JOB A a.sub DIR here NOOP DONE
        node B b.sub
        Subdag External S inner.dag DIR there
        FINAL F f.sub
        SERVICE V v.sub
        PROVISIONER P p.sub
        TASK T -m 200 --request-cpus=2 -t 3 -p 5 /bin/run -x "a b"
        """,
    )
    assert found.problems == []
    assert found.by_type() == {"job": 2, "subdag": 1, "final": 1, "service": 1, "provisioner": 1, "task": 1}
    a, s, t = found.nodes["A"], found.nodes["S"], found.nodes["T"]
    assert (a.submit_file, a.dir, a.noop, a.done, a.line) == ("a.sub", "here", True, True, 3)
    assert (s.subdag_file, s.dir, s.submit_file) == ("inner.dag", "there", "")
    assert (t.command, t.retries, t.priority) == ('/bin/run -x "a b"', 2, 5)
    assert t.vars["request_memory"] == "200"
    assert [node.number for node in found.nodes.values()] == list(range(7))


def test_attributes_are_set_whatever_their_case_spacing_and_place(tmp_path: Path) -> None:
    found = dag(
        tmp_path,
        "RETRY A 3 UNLESS-EXIT 2\nJOB A a.sub\nRetry\tA  4\n"
        'vars A x="1" y = "say \\"hi\\" \\\\o/"\nVARS A PREPEND z="1"\n'
        "SCRIPT DEFER 4 60 DEBUG f.log ALL PRE A pre.sh  $JOB\nSCRIPT POST A post.sh\nSCRIPT HOLD A hold.sh a\n"
        "PRE_SKIP A 7\nPRIORITY A -5\nCATEGORY A big\nMAXJOBS big 2\nABORT-DAG-ON A 10 RETURN 1\nDONE A\n",
    )
    node = found.nodes["A"]
    assert found.problems == []
    assert (node.retries, node.retry_unless_exit) == (3, 2), "what comes before the node is applied when it is known"
    assert node.vars == {"x": "1", "y": 'say "hi" \\o/', "z": "1"}
    assert (node.pre_script, node.post_script, node.hold_script) == ("pre.sh  $JOB", "post.sh", "hold.sh a")
    assert (node.pre_skip, node.priority, node.category, node.done) == (7, -5, "big", True)
    assert (node.abort_dag_on, node.abort_exit, node.abort_return) == ("10 RETURN 1", 10, 1)
    assert found.maxjobs == {"big": 2}


def test_inline_descriptions_end_at_their_own_token(tmp_path: Path) -> None:
    found = dag(
        tmp_path,
        "JOB A {\n executable = a\n PARENT x CHILD y\n} NOOP\nJOB B @=TOK\n executable = }\n@TOK DIR d\n"
        "SUBMIT-DESCRIPTION common {\n universe = local\n}\nJOB C common\n",
    )
    assert found.problems == []
    assert found.nodes["A"].inline_submit == " executable = a\n PARENT x CHILD y"
    assert found.nodes["A"].noop
    assert found.nodes["B"].inline_submit == " executable = }"
    assert found.nodes["B"].dir == "d"
    assert found.submit_descriptions == {"common": " universe = local"}
    assert found.nodes["C"].submit_file == "common"


def test_settings_of_the_whole_dag_are_kept(tmp_path: Path) -> None:
    found = dag(
        tmp_path,
        'NODE_STATUS_FILE s.status 30 ALWAYS-UPDATE\nJOBSTATE_LOG j.log\nCONFIG c.conf\nDOT "d e.dot" UPDATE\n'
        "ENV SET A=1\nSET_JOB_ATTR X = 1\nSAVE_POINT_FILE A\nREJECT\n",
    )
    assert (found.node_status_file, found.jobstate_log, found.config) == ("s.status", "j.log", "c.conf")
    assert ("ENV", "SET A=1") in found.other
    assert kinds(found) == ["rejected"]


def test_parents_before_their_nodes_and_many_to_many_are_complete(tmp_path: Path) -> None:
    names = [f"n{i}" for i in range(80)]
    text = f"PARENT {' '.join(names[:40])} CHILD {' '.join(names[40:])}\nparent n0 child n1 n2\n"
    found = dag(tmp_path, text + "".join(f"JOB {n} x.sub\n" for n in names))
    edges = list(found.edges())
    assert found.problems == []
    assert len(found.links) == len(edges) == 1602
    assert set(edges) == {(a, b) for a in names[:40] for b in names[40:]} | {("n0", "n1"), ("n0", "n2")}
    assert len(found.links.graph(80).targets) < 100, "a block costs its sides, not its pairs"


def test_splices_connect_by_their_ends_and_nest(tmp_path: Path) -> None:
    found = dag(
        tmp_path,
        "JOB top t.sub\nSPLICE s inner.dag DIR sub\nJOB end e.sub\n"
        "PARENT top CHILD s\nPARENT s CHILD end\nRETRY s+B 2\n",
        inner="JOB A a.sub\nJOB B b.sub DIR deep\nPARENT A CHILD B\nSPLICE d deepest.dag\nPARENT B CHILD d\n"
        "CATEGORY A c\nMAXJOBS c 1\n",
        deepest="JOB X x.sub\nJOB Y y.sub\n",
    )
    assert found.problems == []
    assert list(found.nodes) == ["top", "s+A", "s+B", "s+d+X", "s+d+Y", "end"]
    assert set(found.edges()) == {
        ("top", "s+A"), ("s+A", "s+B"), ("s+B", "s+d+X"), ("s+B", "s+d+Y"), ("s+d+X", "end"), ("s+d+Y", "end"),
    }  # fmt: skip
    assert (found.nodes["s+A"].dir, found.nodes["s+B"].dir, found.nodes["s+B"].retries) == ("sub", "sub/deep", 2)
    assert found.nodes["s+A"].category == "s+c"
    assert found.maxjobs == {"s+c": 1}
    assert [Path(file.path).name for file in found.files] == ["x.dag", "inner.dag", "deepest.dag"]


def test_pins_connect_splices_one_to_one(tmp_path: Path) -> None:
    found = dag(
        tmp_path,
        "SPLICE a out.dag\nSPLICE b in.dag\nCONNECT a b\n",
        out="JOB A a.sub\nJOB B b.sub\nPIN_OUT A 1\nPIN_OUT B 2\n",
        **{"in": "JOB C c.sub\nJOB D d.sub\nPIN_IN C 1\nPIN_IN D 2\nPIN_IN C 2\n"},
    )
    assert found.problems == []
    assert set(found.edges()) == {("a+A", "b+C"), ("a+B", "b+D"), ("a+B", "b+C")}


def test_all_nodes_reaches_earlier_and_later_nodes_but_no_splices(tmp_path: Path) -> None:
    found = dag(
        tmp_path,
        "JOB A a.sub\nRETRY A 1\nSPLICE s inner.dag\nRETRY ALL_NODES 5\n"
        "SCRIPT POST all_nodes p.sh\nJOB B b.sub\nRETRY B 2\n",
        inner="JOB X x.sub\n",
    )
    assert found.problems == []
    assert {name: node.retries for name, node in found.nodes.items()} == {"A": 5, "s+X": 0, "B": 2}
    assert found.nodes["B"].post_script == "p.sh"


def test_includes_share_the_scope_and_continued_lines_are_one(tmp_path: Path) -> None:
    found = dag(tmp_path, "INCLUDE inner.dag\nPARENT A \\\n  CHILD \\\n B\n", inner="JOB A a.sub\nJOB B b.sub\n")
    assert found.problems == []
    assert list(found.edges()) == [("A", "B")]
    assert found.nodes["B"].file == 1


def test_a_moved_directory_finds_its_files_by_their_last_name(tmp_path: Path) -> None:
    found = dag(tmp_path, "SPLICE s /home/gone/inner.dag\n", inner="JOB A a.sub\n")
    assert found.problems == []
    assert "s+A" in found.nodes


def test_files_that_include_themselves_are_read_once(tmp_path: Path) -> None:
    found = dag(tmp_path, "JOB A a.sub\nINCLUDE x.dag\nSPLICE s inner.dag\n", inner="JOB B b.sub\nSPLICE t x.dag\n")
    assert kinds(found) == ["file-cycle", "file-cycle"]
    assert list(found.nodes) == ["A", "s+B"]


def test_links_devices_and_directories_are_not_read_as_dags(tmp_path: Path) -> None:
    (tmp_path / "loop.dag").symlink_to("loop.dag")
    os.mkfifo(tmp_path / "pipe.dag")
    found = dag(tmp_path, "INCLUDE loop.dag\nINCLUDE pipe.dag\nINCLUDE .\nINCLUDE none.dag\nINCLUDE\nJOB A a.sub\n")
    assert kinds(found) == ["unreadable-file"] * 4 + ["incomplete"]
    assert [problem.line for problem in found.problems] == [1, 2, 3, 4, 5]
    assert list(found.nodes) == ["A"]


def test_splices_nested_without_end_are_bounded(tmp_path: Path) -> None:
    for level in range(70):
        (tmp_path / f"l{level}.dag").write_text(f"JOB A a.sub\nSPLICE s l{level + 1}.dag\n")
    found = parse_dag(tmp_path / "l0.dag")
    assert kinds(found) == ["too-large"]
    assert len(found.nodes) == 64


def test_a_missing_file_is_an_empty_dag_with_a_problem(tmp_path: Path) -> None:
    found = parse_dag(tmp_path / "none.dag")
    assert (found.nodes, kinds(found)) == ({}, ["unreadable-file"])
    assert parse_dag(tmp_path).problems[0].kind == "unreadable-file"


def test_odd_bytes_are_shown_and_located(tmp_path: Path) -> None:
    found = dag(tmp_path, b"JOB A a.sub\nJOB \xe9\xff b.sub\nJOB C\0D c.sub\r\nJOB \xc3\xa9 d.sub\n")
    assert list(found.nodes) == ["A", "\\xe9\\xff", "C\\x00D", "é"]
    assert [(p.kind, p.line, p.offset) for p in found.problems] == [("not-utf8", 2, 12), ("nul-byte", 3, 25)]


def test_an_endless_line_is_left_out_and_the_next_is_read(tmp_path: Path) -> None:
    path = tmp_path / "long"
    path.write_bytes(b"a\n" + b"x" * (3 << 20) + b"\nb\n")
    problems = Problems()
    with path.open("rb") as file:
        lines = Lines(file, "long", problems, max_line=1 << 20)
        assert [(text, lines.line, lines.offset) for text in lines] == [("a", 1, 0), ("b", 3, (3 << 20) + 3)]
    assert [p.kind for p in problems.all()] == ["line-too-long"]


def test_the_number_of_problems_is_bounded(tmp_path: Path) -> None:
    found = dag(tmp_path, "NONSENSE\n" * 10_050)
    assert len(found.problems) == 10_001
    assert found.problems[-1].kind == "too-many-problems"


@pytest.mark.parametrize(
    "line, kind",
    [
        ("RETRY A two", "bad-number"),
        ("RETRY A -1", "bad-number"),
        ("RETRY A ²", "bad-number"),
        ("RETRY A " + "9" * 5000, "bad-number"),
        ("RETRY A", "incomplete"),
        ("RETRY", "incomplete"),
        ("PRIORITY A", "incomplete"),
        ("VARS A x", "bad-vars"),
        ("VARS A", "incomplete"),
        ('VARS A x="open', "bad-vars"),
        ("ABORT-DAG-ON A", "incomplete"),
        ("SCRIPT", "incomplete"),
        ("SCRIPT DEFER 1", "bad-syntax"),
        ("SCRIPT PRE A", "incomplete"),
        ("PARENT A CHILD", "bad-syntax"),
        ("PARENT A B", "bad-syntax"),
        ("PARENT A CHILD B", "undefined-node"),
        ("EDGE A", "bad-syntax"),
        ("TASK T", "incomplete"),
        ("TASK T --odd 1 x", "bad-syntax"),
        ("SUBDAG INLINE a b", "bad-syntax"),
        ("SPLICE s", "incomplete"),
        ("SPLICE A x.dag", "duplicate-node"),
        ("CONNECT a b", "undefined-node"),
        ("PIN_IN A x", "bad-number"),
        ("JOB B", "incomplete"),
        ("JOB A again.sub", "duplicate-node"),
        ("JOB B b.sub WHAT", "bad-syntax"),
        ("JOB B {", "open-description"),
        ("JOB a+b c.sub", "bad-node-name"),
        ("MAXJOBS x", "incomplete"),
        ("CONFIG", "incomplete"),
        ("WHAT ever", "unknown-command"),
    ],
)
def test_a_faulty_line_is_one_problem_at_its_place(tmp_path: Path, line: str, kind: str) -> None:
    found = dag(tmp_path, f"JOB A a.sub\n{line}\n")
    assert [(p.kind, p.line, p.offset) for p in found.problems] == [(kind, 2, 12)]
    assert "A" in found.nodes
    assert all(p.message.isprintable() and len(p.message) < 500 for p in found.problems)


_WORDS = st.sampled_from(
    ["JOB", "A", "B", "x.sub", "PARENT", "CHILD", "VARS", 'k="v"', "{", "}", "@=E", "@E", "SPLICE", "x.dag", "INCLUDE",
     "\\", "ALL_NODES", "RETRY", "3", "SCRIPT", "PRE", "\n", "\n", "\0", "é",
     "+", "CONNECT", "DIR", "TASK", "EDGE", "#", '"']
)  # fmt: skip


@given(st.lists(_WORDS, max_size=40))
@settings(max_examples=100, deadline=None)
def test_no_content_raises(tmp_path_factory: pytest.TempPathFactory, words: list[str]) -> None:
    path = tmp_path_factory.mktemp("dag") / "x.dag"
    path.write_text(" ".join(words))
    found = parse_dag(path)
    assert all(a in found.nodes and b in found.nodes for a, b in found.edges())


def checker(folder: Path, name: str) -> dict[str, object]:
    answers: list[dict[str, object]] = json.loads((folder / "peer" / f"dag_checker.{name}.json").read_text())
    return answers[0]


@pytest.mark.parametrize(
    "name", ["dm_y_parseerr", "empty", "fine", "many_errors", "missing_subdag", "no_splice", "open_brace"]
)
def test_faults_are_found_on_the_lines_where_condor_dag_checker_finds_them(shared: Path, name: str) -> None:
    folder = shared / "corpus" / "runs-condor25" / "dm_y_parseerr_c25"
    said = checker(folder, name)
    found = parse_dag(folder / "submit" / f"{name}.dag")
    errors = said.get("Errors", [])
    assert isinstance(errors, list)
    assert sorted(p.line or 0 for p in found.problems) == sorted(error["SourceLine"] for error in errors)
    assert len(found.links) == said.get("NumArcs", 0)
    opened = 1 if name == "open_brace" else 0  # the node whose description has no end is kept here
    assert len(found.nodes) == said["TotalNodes"] + opened  # type: ignore[operator]


def test_every_recorded_dag_is_read_without_problem_and_has_no_cycle(shared: Path) -> None:
    paths = [p for p in (shared / "corpus").glob("runs*/*/submit/**/*.dag") if "parseerr" not in str(p)]
    assert len(paths) > 50
    for path in paths:
        found = parse_dag(path)
        assert found.problems == [], path
        assert found.nodes, path
        assert find_cycle(found.links.graph(len(found.nodes))) is None, path
