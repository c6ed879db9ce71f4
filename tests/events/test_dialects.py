"""The generations of names: each is recognised, and means the same as today's."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from stampede.events import Event, encoder, open_stream, read
from stampede.events import catalogue as c

SAMPLES = Path(__file__).parent / "data/seed_samples.bp"
WF = "934cb609-ddd4-4b67-ad7a-886ae40fc94d"


def events_of(text: str) -> tuple[list[Event], Any]:
    reader = read(io.BytesIO(text.encode()))
    return [event for batch, _ in reader for event in batch], reader


def of(found: list[Event], cls: type[Event]) -> Any:
    return next(event for event in found if isinstance(event, cls))


@pytest.fixture(scope="module")
def samples() -> list[Event]:
    with open_stream(SAMPLES) as reader:
        found = [event for batch, _ in reader for event in batch]
    assert reader.dialect == "seed"
    assert reader.faults.count("reject") == 0
    return found


def test_the_samples_are_those_of_the_seed_to_the_letter(shared: Path) -> None:
    page = (shared / "seeds/schema-page.txt").read_text(encoding="utf-8")
    lines = [line for line in page.splitlines() if line.startswith("ts=")]
    assert SAMPLES.read_text(encoding="utf-8").splitlines() == lines


def test_every_sample_of_the_seed_becomes_the_event_of_today(samples: list[Event]) -> None:
    assert [event.NAME.removeprefix("stampede.") for event in samples] == [
        "wf.plan", "xwf.start", "xwf.end", "task.info", "wf.map.task_job", "job.info", "task.edge",
        "job_inst.pre.start", "job_inst.pre.end", "job_inst.main.start", "job_inst.main.end", "job_inst.post.start",
        "job_inst.post.end", "job_inst.state", "inv.end", "inv.end", "inv.end", "job_inst.host.info", "job.edge",
    ]  # fmt: skip
    assert all(event.extra is None for event in samples)


def test_ids_that_changed_their_meaning_are_told_apart(samples: list[Event]) -> None:
    last = [event for event in samples if isinstance(event, c.InvEnd)][-1]
    assert (last.job_id, last.job_inst_id, last.inv_id, last.task_id) == ("create_dir_diamond_0_ISIViz", 1, -2, None)
    assert (last.xwf_id, last.argv and last.argv[0], last.dur) == (WF, " ", 5.0)


def test_values_of_the_seed_are_those_of_today(samples: list[Event]) -> None:
    plan, job, host = of(samples, c.WfPlan), of(samples, c.JobInfo), of(samples, c.JobInstHostInfo)
    assert (plan.parent_xwf_id, plan.grid_dn, plan.planner_version) == (None, None, "3.0.0cvs")
    assert (job.type, job.type_desc, job.clustered, job.max_retries) == (6, "create-dir", 0, 3)
    assert host.total_memory == 2124730368 // 1024
    assert of(samples, c.TaskInfo).type_desc == "compute"
    assert of(samples, c.JobInstMainStart).stdin_file is None


def test_exit_codes_of_the_seed_become_raw_and_sub_workflows_links() -> None:
    found, _ = events_of(
        f"ts=1 event=stampede.invocation.mainjob wf.id={WF} exec_job.id=job-1 job.id=3 task.id=1 exitcode=2\n"
        f"ts=1 event=stampede.jobinstance.mainjob.end wf.id={WF} exec_job.id=job-1 job.id=3 subwf.id=other-wf\n"
    )
    assert of(found, c.InvEnd).exitcode == 512
    assert of(found, c.XwfMapSubwfJob).subwf_id == "other-wf"


def test_a_stream_of_today_goes_to_the_seed_and_back() -> None:
    made: list[Event] = [
        c.WfPlan(xwf_id=WF, ts=1.0, submit_dir="/runs/1", argv="--dax x", root_xwf_id=WF),
        c.JobInfo(xwf_id=WF, ts=1.0, job_id="job-1", type=6, type_desc="create-dir", clustered=1),
        c.JobEdge(xwf_id=WF, ts=1.0, parent_job_id="job-1", child_job_id="job-2"),
        c.InvEnd(xwf_id=WF, ts=2.0, job_id="job-1", job_inst_id=7, inv_id=1, exitcode=512, task_id="task-1",
                 transformation="a::b:1", executable="/bin/true"),
        c.JobInstHostInfo(xwf_id=WF, ts=2.0, job_id="job-1", job_inst_id=7, hostname="node1", total_memory=2048),
    ]  # fmt: skip
    data = b"".join(map(encoder("bp", "seed"), made))
    assert b"xwf.id" not in data
    assert b"exec_job.id=job-1 job.id=7" in data
    reader = read(io.BytesIO(data))
    assert [event for batch, _ in reader for event in batch] == made
    assert reader.dialect == "seed"


def test_states_become_events_of_their_own_in_the_seeds_dialect() -> None:
    ended = c.JobInstMainEnd(xwf_id=WF, ts=2.0, job_id="job-1", job_inst_id=7, status=-1, exitcode=9)
    lines = encoder("bp", "seed")(ended).decode().splitlines()
    assert [line.split(" event=")[1].split(" ")[0] for line in lines] == [
        "stampede.jobinstance.mainjob.end",
        "stampede.jobinstance.state",
    ]
    assert "exitcode=137" in lines[0]
    assert "state=JOB_FAILURE" in lines[1]
    assert encoder("bp", "seed")(c.RcPfn(xwf_id=WF, lfn_id="f", pfn="file:///f")) == b""


def test_planners_lines_without_prefix_are_todays() -> None:
    found, reader = events_of(
        'ts=1970-02-06T22:59:00.1Z event=task.info xwf.id=w-1234 task.id="ID01" type="1" type_desc="unassigned" '
        'transformation="a::b" argv="" \n'
        'ts=1 event=job.edge xwf.id=w-1234 parent.job.id="job-1" child.job.id="job-2" \n'
    )
    assert reader.dialect == "current"
    assert of(found, c.TaskInfo).type_desc == "unknown"
    assert of(found, c.TaskInfo).argv == ""
    assert reader.faults.get("stampede.task.info", "type_desc", "repair") == 1
    assert of(found, c.JobEdge).child_job_id == "job-2"


V30 = f"""\
ts=1 event=stampede.workflow.plan wf.id={WF} dax_label=diamond submit_dir=/runs/1 parent_workflow_id=None
ts=1 event=stampede.workflow.start wf.id={WF}
ts=1 event=stampede.edge wf.id={WF} parent=job-1 child=job-2
ts=1 event=stampede.job.mainjob.start wf.id={WF} name=job-1 job.id=1 condor.id=388.0 jobtype="create dir"
ts=1 event=stampede.job.state wf.id={WF} name=job-1 job.id=1 state=POST_SCRIPT_FAILURE
ts=1 event=stampede.task.mainjob wf.id={WF} name=job-1 job.id=1 task.id=1 duration=2.5 exitcode=1 arguments=-v
ts=1 event=stampede.host wf.id={WF} name=job-1 job.id=1 hostname=node1 ip_address=192.0.2.1 total_ram=1048576
"""


def test_the_dialect_of_pegasus_3_0() -> None:
    found, reader = events_of(V30)
    assert reader.dialect == "3.0"
    assert [event.NAME.removeprefix("stampede.") for event in found] == [
        "wf.plan", "xwf.start", "job.edge", "job.info", "job_inst.submit.start", "job_inst.state", "inv.end",
        "job_inst.host.info",
    ]  # fmt: skip
    assert of(found, c.JobInstSubmitStart).sched_id == "388.0"
    assert of(found, c.JobInfo).type == 6
    assert of(found, c.JobInstState).state == "POST_SCRIPT_FAILED"
    assert (of(found, c.InvEnd).inv_id, of(found, c.InvEnd).exitcode, of(found, c.InvEnd).dur) == (1, 256, 2.5)
    assert of(found, c.JobInstHostInfo).total_memory == 1024


def test_a_name_that_two_dialects_share_is_read_as_the_stream_has_it() -> None:
    ours = f"ts=1 event=stampede.job.state xwf.id={WF} job.id=job-1 state=done\n"
    edge = f"ts=1 event=stampede.job.edge xwf.id={WF} parent.job.id=job-1 child.job.id=job-2\n"
    assert isinstance(events_of(ours)[0][0], c.JobState)
    assert isinstance(events_of(edge + ours)[0][1], c.JobState)
    old = f"ts=1 event=stampede.job.edge wf.id={WF} parent_exec_job.id=job-1 child_exec_job.id=job-2\n"
    found, reader = events_of(old)
    assert reader.dialect == "seed"
    assert found == [c.JobEdge(ts=1.0, xwf_id=WF, parent_job_id="job-1", child_job_id="job-2")]


def test_a_mixed_stream_is_read_by_name_and_counted() -> None:
    new = f"ts=1 event=stampede.xwf.start xwf.id={WF} restart_count=0\n"
    found, reader = events_of(new + f"ts=2 event=stampede.workflow.end wf.id={WF} restart_count=0\n" + new)
    assert [event.NAME for event in found] == ["stampede.xwf.start", "stampede.xwf.end", "stampede.xwf.start"]
    assert reader.faults.get("stampede.workflow.end", "event", "repair") == 1
    found, reader = events_of(f"ts=2 event=stampede.job wf.id={WF} exec_job.id=job-1\n" + new)
    assert isinstance(found[1], c.XwfStart)
    assert reader.faults.get("stampede.xwf.start", "event", "repair") == 1


def test_json_with_underscores_is_todays() -> None:
    line = '{"event": "stampede.inv.start", "xwf_id": "w-1", "job_id": "j", "job_inst_id": 1, "inv_id": 1}\n'
    found, _ = events_of(line)
    assert found == [c.InvStart(xwf_id="w-1", job_id="j", job_inst_id=1, inv_id=1)]
