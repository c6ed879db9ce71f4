"""``/metrics`` of a real service is OpenMetrics, as a strict reader of the specification takes it, and says what is."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest

from stampede.openmetrics import Family, Text
from stampede.service.metrics import FAMILIES

from .guard.lab import Service

_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_SAMPLE = re.compile(rf'({_NAME})(\{{((?:{_NAME}="(?:[^"\\\n]|\\["\\n])*",?)*)\}})? ([-+0-9.eEInfNa]+)')
_LABEL = re.compile(rf'({_NAME})="((?:[^"\\\n]|\\["\\n])*)"')
#: kind -> what may follow the name of the family in a sample
_SUFFIXES = {"counter": ["_total"], "gauge": [""], "info": ["_info"], "histogram": ["_bucket", "_sum", "_count"]}

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def read(text: str) -> Samples:
    """Read strictly, by https://prometheus.io/docs/specs/om/open_metrics_spec/: raises AssertionError."""
    assert text.endswith("# EOF\n")
    found: Samples = {}
    seen: set[str] = set()
    family, kind, unit = "", "", ""
    for line in text.splitlines()[:-1]:
        if line.startswith("# TYPE "):
            family, kind = line.split()[2:]
            assert family not in seen, "a family comes once, in one piece"
            seen.add(family)
            unit = ""
        elif line.startswith("# UNIT "):
            _, _, name, unit = line.split()
            assert name == family
            assert family.endswith(f"_{unit}")
        elif line.startswith("# HELP "):
            assert line.split()[2] == family
        else:
            match = _SAMPLE.fullmatch(line)
            assert match, line
            assert match[1] in [family + suffix for suffix in _SUFFIXES[kind]], line
            labels = _LABEL.findall(match[3] or "")
            assert len({name for name, _ in labels}) == len(labels)
            key = (match[1], frozenset(labels))
            assert key not in found, f"twice: {line}"
            found[key] = float(match[4])
            assert kind != "counter" or found[key] >= 0
    _check_histograms(found)
    return found


def _check_histograms(found: Samples) -> None:
    buckets: dict[tuple[str, frozenset[tuple[str, str]]], list[tuple[float, float]]] = {}
    for (name, labels), value in found.items():
        if name.endswith("_bucket"):
            bound = next(v for k, v in labels if k == "le")
            rest = frozenset(label for label in labels if label[0] != "le")
            buckets.setdefault((name.removesuffix("_bucket"), rest), []).append((float(bound), value))
    for (name, labels), counts in buckets.items():
        values = [value for _, value in sorted(counts)]
        assert values == sorted(values), "buckets are cumulative"
        assert max(counts)[0] == float("inf")
        assert values[-1] == found[f"{name}_count", labels]


def of(found: Samples, name: str, /, **labels: str) -> float:
    return found[name, frozenset(labels.items())]


@pytest.fixture
def service(corpus: Path, tmp_path: Path):  # type: ignore[no-untyped-def]
    from stampede import pipeline

    pipeline.load([corpus / "dm_g_hold"], f"sqlite:///{tmp_path / 'a.db'}")
    missing = f"sqlite:///{tmp_path / 'gone.db'}"
    with Service(tmp_path, "--db", f"sqlite:///{tmp_path / 'a.db'}", "--db", missing) as started:
        yield started


def test_a_strict_reader_takes_it_and_it_says_what_is(service: Service, tmp_path: Path) -> None:
    for path in (*("/api/v1/workflows",) * 3, "/nothing", '/api/v1/workflows/"x\\'):
        service.ask(path.replace('"', "%22"))
    answer = service.ask("/metrics")
    assert answer.headers["content-type"] == "application/openmetrics-text; version=1.0.0; charset=utf-8"
    found = read(answer.body.decode())
    assert of(found, "stampede_databases", condition="answers") == 1
    assert of(found, "stampede_databases", condition="missing") == 1
    connection = sqlite3.connect(tmp_path / "a.db")
    (total,) = connection.execute("SELECT sum(total) FROM workflow_summary").fetchone()
    (tries,) = connection.execute("SELECT count(*) FROM job_instance").fetchone()
    connection.close()
    assert sum(v for (name, _), v in found.items() if name == "stampede_jobs") == total
    assert of(found, "stampede_tries_total") == tries
    assert of(found, "stampede_http_requests_total", method="GET", route="/api/v1/workflows", status="200") == 3
    assert of(found, "stampede_http_requests_total", method="GET", route="(unknown)", status="404") == 1
    assert of(found, "stampede_answers_kept_total", found="hit") >= 1
    assert of(found, "stampede_http_first_byte_seconds_count", route="/api/v1/workflows") == 3
    assert {name for name, _ in found} <= {f.name + s for f in FAMILIES.values() for s in _SUFFIXES[f.kind]}, (
        "all that is told is in the catalogue"
    )


def test_what_changed_is_told_anew(service: Service, tmp_path: Path) -> None:
    before = read(service.ask("/metrics").body.decode())
    with sqlite3.connect(tmp_path / "a.db") as connection:
        connection.execute("UPDATE workflow SET state = 'running'")
    connection.close()
    after = read(service.ask("/metrics").body.decode())
    assert ("stampede_workflows", frozenset({("state", "running")})) not in before
    assert of(after, "stampede_workflows", state="running") == 1
    assert of(after, "stampede_running_unwatched") == 1


def test_labels_of_any_text_are_escaped() -> None:
    out = Text()
    out.family(Family(name="x", kind="gauge", help='a "b"\\\nc', labels=("l",)), [({"l": 'q"\\\n\ud800'}, 1.5)])
    found = read(out.end().decode())
    assert list(found.values()) == [1.5]


def test_names_follow_the_specification() -> None:
    for family in FAMILIES.values():
        assert re.fullmatch(r"stampede_[a-z_]+", family.name)
        assert not family.name.endswith(("_total", "_info", "_count", "_sum", "_bucket"))
        assert not family.unit or family.name.endswith(f"_{family.unit}")
