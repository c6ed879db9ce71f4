"""What is handed out for running Stampede by itself: systemd takes the unit, shells and DAGMan take the examples."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from stampede.cli.main import INTERRUPTED, VERBS, cli
from stampede.errors import UsageError
from stampede.sources.dagman.dagfile import parse_dag

ROOT = Path(__file__).resolve().parent.parent
UNIT = ROOT / "deploy" / "stampede-watch.service"
SERVE = ROOT / "deploy" / "stampede-serve.service"
#: the others, as systemd takes them
OTHERS = sorted({*(ROOT / "deploy").glob("*.service"), *(ROOT / "deploy").glob("*.timer")} - {UNIT, SERVE})
SITE = ROOT / "docs" / "how-to" / "site.md"
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


@pytest.mark.parametrize("unit", [UNIT, SERVE, *OTHERS], ids=lambda unit: unit.stem)
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


@pytest.mark.parametrize(
    "page, named",
    [
        (PAGE, {"watch", "load", "registry"}),
        (SERVING, {"serve", "health"}),
        (SITE, {"consume", "retain", "health", "db", "publish", "serve"}),
    ],
)
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


# a site: containers, Prometheus, Grafana


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())
    return found


def known_metrics() -> set[str]:
    """All metrics of the reference, with what Prometheus makes of histograms."""
    rows = re.findall(r"^\| `(\w+)` \| (\w+) ", (ROOT / "docs" / "reference" / "metrics.md").read_text(), re.M)
    histograms = {f"{name}_{end}" for name, kind in rows if kind == "histogram" for end in ("bucket", "sum", "count")}
    return {name for name, _ in rows} | histograms


def expressions(value: Any) -> list[str]:
    """All PromQL in a board or a file of rules."""
    if isinstance(value, dict):
        own = [value["expr"]] if isinstance(value.get("expr"), str) else []
        return own + [e for v in value.values() for e in expressions(v)]
    return [e for v in value for e in expressions(v)] if isinstance(value, list) else []


@pytest.mark.parametrize("file", ["grafana/stampede.json", "prometheus/rules.yml"])
def test_boards_and_rules_name_metrics_that_exist(file: str) -> None:
    text = (ROOT / "deploy" / file).read_text()
    found = expressions(json.loads(text) if file.endswith(".json") else yaml.safe_load(text))
    assert len(found) > 5
    named = {name for e in found for name in re.findall(r"\bstampede_\w+", e)}
    assert named
    assert named <= known_metrics()


def test_panels_of_the_board_lie_side_by_side() -> None:
    board = json.loads((ROOT / "deploy" / "grafana" / "stampede.json").read_text())
    cells = [
        (x, y)
        for p in board["panels"]
        for x in range(p["gridPos"]["x"], p["gridPos"]["x"] + p["gridPos"]["w"])
        for y in range(p["gridPos"]["y"], p["gridPos"]["y"] + p["gridPos"]["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24
    assert len({p["id"] for p in board["panels"]}) == len(board["panels"])


def test_the_compose_file_names_only_what_is_there() -> None:
    file = compose()
    services = file["services"]
    assert {"broker", "postgres", "loader", "service", "prometheus", "grafana"} <= set(services)
    for name, service in services.items():
        assert set(service.get("depends_on", [])) <= set(services), name
        assert set(service.get("secrets", [])) <= set(file["secrets"]), name
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in file["volumes"] or (ROOT / "deploy" / source).exists(), volume
        if name in ("loader", "service"):
            verb, *arguments = service["command"]
            command = cli.get_command(click.Context(cli), verb)
            assert command is not None
            below = command.commands.values() if isinstance(command, click.Group) else ()
            known = {o for one in (command, *below) for parameter in one.params for o in parameter.opts}
            assert {a.partition("=")[0] for a in arguments} <= known, name


def test_prometheus_asks_services_of_the_compose_file_at_ports_they_have() -> None:
    jobs = yaml.safe_load((ROOT / "deploy" / "prometheus" / "prometheus.yml").read_text())["scrape_configs"]
    targets = {t for job in jobs for one in job["static_configs"] for t in one["targets"]}
    assert {t.partition(":")[0] for t in targets} <= set(compose()["services"])
    assert "service:8642" in targets


def test_the_alerts_are_in_the_runbook() -> None:
    """An alert's summary names a symptom that the page has a row of."""
    page = SITE.read_text()
    for group in yaml.safe_load((ROOT / "deploy" / "prometheus" / "rules.yml").read_text())["groups"]:
        for rule in group["rules"]:
            for symptom in re.findall(r"runbook: ([^)]+)", rule["annotations"]["summary"]):
                assert f"| {symptom} |" in page, symptom


def test_nothing_is_deleted_by_the_timer_unless_somebody_says_how_old() -> None:
    unit = settings(ROOT / "deploy" / "stampede-retain.service")
    assert unit["Service.EnvironmentFile"] == ["%E/stampede/retain.env"], "which has to be there"
    assert "--older" not in unit["Service.ExecStart"][0]


#: what the files of the environment beside a unit say, as the comments in it and the pages describe
OPTIONS = {
    "stampede-consume": "--bus=amqp://stampede@broker/site --db=sqlite:////var/lib/stampede/site.sqlite",
    "stampede-retain": "--older=2y --archive=/archive",
    "stampede-serve": "--port=8700", "stampede-watch": "/home/me/runs",
}  # fmt: skip


def command_lines() -> list[list[str]]:
    """What containers and units start of ours, word by word."""
    found = [service["command"] for service in compose()["services"].values() if "stampede" in service["image"]]
    for unit in [UNIT, SERVE, *OTHERS]:
        for line in settings(unit).get("Service.ExecStart", []):
            said = line.replace("$OPTIONS", OPTIONS[unit.stem]).replace("$FOLDERS", OPTIONS[unit.stem])
            found.append(said.partition(" stampede ")[2].split())
    return [[re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", word) for word in words] for words in found]


@pytest.mark.parametrize("words", command_lines(), ids=" ".join)
def test_the_command_line_itself_takes_every_line_of_ours(words: list[str]) -> None:
    command: click.Command = cli
    while isinstance(command, click.Group):
        context = command.make_context("stampede", list(words))
        name, below, words = command.resolve_command(context, [*context._protected_args, *context.args])
        assert below is not None, name
        command = below
    assert command.make_context("stampede", list(words)).params


def test_the_image_has_what_the_compose_file_needs() -> None:
    """A loader on RabbitMQ into PostgreSQL, and bodies in zstd."""
    docker = (ROOT / "deploy" / "Dockerfile").read_text()
    extras = re.search(r"/source\[([\w,]+)\]", docker)
    assert extras is not None
    assert {"amqp", "postgres", "zstd"} <= set(extras[1].split(","))
