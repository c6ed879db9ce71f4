"""What is handed out for running Stampede by itself: systemd takes the unit, shells and DAGMan take the examples."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from stampede.cli.main import INTERRUPTED, VERBS
from stampede.errors import UsageError
from stampede.sources.dagman.dagfile import parse_dag

ROOT = Path(__file__).resolve().parent.parent
UNIT = ROOT / "deploy" / "stampede-watch.service"
SERVE = ROOT / "deploy" / "stampede-serve.service"
PAGE = ROOT / "docs" / "how-to" / "watch-automatically.md"
SERVING = ROOT / "docs" / "how-to" / "serve.md"

#: words with a ``$`` that DAGMan replaces in the line of a PRE script; it stops at others
PRE_MACROS = {
    "$JOB", "$NODE", "$RETRY", "$MAX_RETRIES", "$DAG_STATUS", "$FAILED_COUNT", "$FUTILE_COUNT", "$DONE_COUNT",
    "$QUEUED_COUNT", "$NODE_COUNT", "$DAGID",
}  # fmt: skip


def settings(unit: Path = UNIT) -> dict[str, list[str]]:
    """``Section.Key`` -> values, as systemd reads a unit."""
    found: dict[str, list[str]] = {}
    section = ""
    for line in unit.read_text().splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.setdefault(f"{section}.{key}", []).append(value)
    return found


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(), re.M | re.S)


@pytest.mark.parametrize("unit", [UNIT, SERVE], ids=lambda unit: unit.stem)
def test_systemd_takes_the_unit(tmp_path: Path, unit: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("there is no systemd-analyze here")
    (tmp_path / ".config").mkdir()
    environment = {"HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [analyze, "verify", "--user", "--man=no", str(unit)], env=environment, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    if "Failed to initialize manager" in done.stderr:
        pytest.skip("systemd-analyze cannot work here")
    assert done.returncode == 0, done.stderr
    assert unit.name not in done.stderr, "unknown keys are warnings, which count here"


def test_the_unit_watches_the_folders_of_the_environment_file() -> None:
    unit = settings()
    assert unit["Service.ExecStart"] == ["/usr/bin/env stampede watch --auto $FOLDERS"]
    assert unit["Service.EnvironmentFile"] == ["-%E/stampede/watch.env"]
    assert any(value.startswith("FOLDERS=%h/") for value in unit["Service.Environment"])
    assert unit["Install.WantedBy"] == ["default.target"]


def test_the_unit_that_serves_takes_options_and_may_ask_the_kernel_whose_a_connection_is() -> None:
    unit = settings(SERVE)
    assert unit["Service.ExecStart"] == ["/usr/bin/env stampede serve --log-json $OPTIONS"]
    assert unit["Service.EnvironmentFile"] == ["-%E/stampede/serve.env"]
    assert unit["Service.RestartPreventExitStatus"] == [str(UsageError.exit_code)]
    assert "AF_NETLINK" in unit["Service.RestrictAddressFamilies"][0].split()
    assert unit["Service.NoNewPrivileges"] == ["yes"]


def test_the_unit_is_restarted_except_after_wrong_use() -> None:
    unit = settings()
    assert unit["Service.Restart"] == ["on-failure"]
    assert unit["Service.RestartPreventExitStatus"] == [str(UsageError.exit_code)]
    assert unit["Service.SuccessExitStatus"] == [str(INTERRUPTED)]
    assert unit["Unit.StartLimitIntervalSec"] == ["0"]


def test_the_unit_gives_way_and_needs_nothing_that_a_user_may_not_have() -> None:
    unit = settings()
    assert int(unit["Service.Nice"][0]) > 0
    assert unit["Service.IOSchedulingClass"] == ["idle"]
    assert unit["Service.NoNewPrivileges"] == ["yes"]
    # these need a namespace, which many submit hosts forbid, or privileges
    forbidden = re.compile(
        r"Service\.(Private|Protect|Capability|Ambient|ReadOnly|ReadWrite|Inaccessible|User|Group|Dynamic)"
    )
    assert [key for key in unit if forbidden.match(key)] == []


@pytest.mark.parametrize("page, named", [(PAGE, {"watch", "load", "registry"}), (SERVING, {"serve", "health"})])
def test_the_page_names_what_exists(page: Path, named: set[str]) -> None:
    text = page.read_text()
    verbs = set(re.findall(r"\bstampede ([a-z]+)\b", text))
    assert named <= verbs <= set(VERBS)
    for link in re.findall(r"\]\(([^)#]+)\)", text):
        assert link.startswith("http") or (page.parent / link).exists(), link
    headings = {re.sub(r"[^a-z0-9 -]", "", h.lower()).replace(" ", "-") for h in re.findall(r"^#+ (.*)$", text, re.M)}
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= headings


@pytest.mark.parametrize("shell, language", [("sh", "sh"), ("bash", "bash")])
def test_a_shell_takes_the_examples(shell: str, language: str) -> None:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"there is no {shell} here")
    found = blocks(language)
    assert found
    for block in found:
        done = subprocess.run([program, "-n"], input=block, capture_output=True, text=True, timeout=60, check=False)
        assert (done.returncode, done.stderr) == (0, ""), block


def test_the_wrapper_watches_the_directory_that_pegasus_run_was_given(tmp_path: Path) -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("there is no bash here")
    for name, code in (("pegasus-run", 'exit "${FAIL:-0}"'), ("stampede", 'echo "$@"')):
        (tmp_path / name).write_text(f"#!/bin/sh\n{code}\n")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "run 1").mkdir()

    def said(call: str, **more: str) -> tuple[int, str]:
        done = subprocess.run(
            [bash, "-c", f"{blocks('bash')[0]}\n{call}"], env={"PATH": f"{tmp_path}:/usr/bin:/bin", **more},
            cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout

    assert said("pegasus-run -v 'run 1'") == (0, "watch --detach --quiet run 1\n")
    assert said("pegasus-run") == (0, "watch --detach --quiet .\n")
    assert said("pegasus-run 'run 1'", FAIL="3") == (3, "")


def test_the_script_of_the_page_always_ends_well_and_names_the_log(tmp_path: Path) -> None:
    script = next(block for block in blocks("sh") if block.startswith("#!/bin/sh"))
    (tmp_path / "stampede").write_text('#!/bin/sh\necho "$@" > said\nexit 3\n')
    (tmp_path / "stampede").chmod(0o755)
    for environment, path in (({"_CONDOR_DAGMAN_LOG": "my.dag.dagman.out"}, "my.dag.dagman.out"), ({}, ".")):
        done = subprocess.run(
            ["/bin/sh", "-c", script], env={"PATH": f"{tmp_path}:/usr/bin:/bin", **environment}, cwd=tmp_path,
            capture_output=True, timeout=60, check=False,
        )  # fmt: skip
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
        assert (tmp_path / "said").read_text() == f"watch --detach --quiet {path}\n"


def test_dagman_takes_the_examples(tmp_path: Path) -> None:
    (tmp_path / "x.dag").write_text("\n".join(blocks("condor-dagman")))
    dag = parse_dag(tmp_path / "x.dag")
    assert set(dag.nodes) == {"first", "watcher"}
    assert dag.problems == []
    for line in (tmp_path / "x.dag").read_text().splitlines():
        words = line.split()
        if words and words[0] == "SCRIPT":
            assert words[1:3] == ["PRE", "first"]
            assert words[3].startswith("/"), "a full path means the same in every directory"
            assert {word for word in words if word.startswith("$")} <= PRE_MACROS
