"""Job event logs: every event of every form is read, in pieces or at once, and broken pieces are told."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stampede.model.exits import exited, signalled
from stampede.sources.dagman import joblog_forms as forms
from stampede.sources.dagman.clock import Clock
from stampede.sources.dagman.joblog import MAX_EVENT, LogEvent, Scan, event_name, read_events, scan
from stampede.sources.dagman.joblog_table import Resource, Usage, resource_table
from stampede.sources.dagman.problem import Problems

CLOCK = Clock(UTC, reference=1795310000.0)
HEAD = "(070.000.000) 2026-11-21 12:36:32"
SINFUL = "<127.0.0.1:9618?addrs=127.0.0.1-9618&alias=submit01.localdomain&noUDP&sock=schedd_1_2>"
TERMINATED = f"""005 {HEAD} Job terminated.
\t(1) Normal termination (return value 3)
\t\tUsr 1 02:03:04, Sys 0 00:00:07  -  Run Remote Usage
\t\tUsr 0 00:00:00, Sys 0 00:00:00  -  Run Local Usage
\t\tUsr 1 02:03:05, Sys 0 00:00:08  -  Total Remote Usage
\t\tUsr 0 00:00:00, Sys 0 00:00:00  -  Total Local Usage
\t7212  -  Run Bytes Sent By Job
\t31735  -  Run Bytes Received By Job
\t7213  -  Total Bytes Sent By Job
\t31736  -  Total Bytes Received By Job
\tPartitionable Resources :    Usage  Request Allocated 
\t   Cpus                 :        0        1         1 
\t   Disk (KB)            :    57     5242880   5243904 
\t   GPUs                 :                           0 
\t   Memory (MB)          :       22     2048      2048 
\t   TimeExecute (s)      :        3                    
\t   TimeSlotBusy (s)     :        4                    

\tJob terminated of its own accord at 2026-11-21T12:36:32Z with exit-code 3.
...
"""  # noqa: W291
SUBMIT = f"000 {HEAD} Job submitted from host: {SINFUL}\n    DAG Node: A\n    pool:condorpool\n...\n"
SUBMIT_25 = (
    f"000 {HEAD} Job submitted from host: {SINFUL}\n"
    '    [ DAGNodeName = "A"; JobBatchName = "x.dag+6" ]\n    pool:condorpool\n...\n'
)


def read(text: str | bytes, *, final: bool = True) -> Scan:
    return scan(text.encode() if isinstance(text, str) else text, clock=CLOCK, final=final)


def one(text: str) -> LogEvent:
    found = read(text)
    assert found.problems == []
    assert found.end == len(text.encode())
    (event,) = found.events
    return event


def body(number: int, text: str, below: str = "") -> LogEvent:
    return one(f"{number:03d} {HEAD} {text}\n{below}...\n")


def test_a_submit_names_its_node_in_both_ways() -> None:
    old, new = one(SUBMIT), one(SUBMIT_25)
    assert (old.number, old.name, old.ts, old.node, new.node) == (0, "ULOG_SUBMIT", 1795264592.0, "A", "A")
    assert (old.cluster, old.proc, old.subproc) == (70, 0, 0)
    assert old.details == forms.Submitted(SINFUL, "submit01.localdomain", None, ("pool:condorpool",))
    assert new.details == forms.Submitted(SINFUL, "submit01.localdomain", "x.dag+6", ("pool:condorpool",))


def test_an_execute_tells_slot_host_and_what_was_provisioned() -> None:
    below = (
        '\tSlotName: slot1_4@w2.local\n\tCondorScratchDir = "/var/x"\n\tCpus = 1\n\tDisk = 5243904\n\tGPUs = 0\n'
        '\tGLIDEIN_ResourceName = "SU"\n\tMemory = 2048\n'
    )
    details = body(1, "Job executing on host: <10.0.0.6:9618?addrs=10.0.0.6-9618>", below).details
    assert isinstance(details, forms.Executing)
    assert (details.slot, details.host, details.scratch_dir) == ("slot1_4@w2.local", "w2.local", "/var/x")
    assert (details.cpus, details.memory_mb, details.disk_kb, details.gpus) == (1, 2048, 5243904, 0)
    assert details.properties == {"GLIDEIN_ResourceName": "SU"}
    bare = body(1, f"Job executing on host: {SINFUL}").details
    assert isinstance(bare, forms.Executing)
    assert bare.host == "submit01.localdomain"


def test_a_termination_tells_exit_usage_bytes_and_resources() -> None:
    details = one(TERMINATED).details
    assert isinstance(details, forms.Ended)
    assert details.exit == exited(3)
    assert details.run_remote == Usage(93784, 7)
    assert details.total_remote == Usage(93785, 8)
    assert (details.run_bytes_sent, details.total_bytes_received) == (7212, 31736)
    assert details.resources["Disk"] == Resource("KB", 57, 5242880, 5243904)
    assert details.resources["GPUs"] == Resource(None, None, None, 0)
    assert details.execute_s == 3
    assert (details.ended_at, details.how) == ("2026-11-21T12:36:32Z", "exit-code 3")


def test_times_where_bytes_belong_and_bytes_where_times_belong_are_not_taken() -> None:
    below = ("\t(1) Normal termination (return value 0)\n\t12  -  Run Remote Usage\n"
             "\tUsr 0 00:00:01, Sys 0 00:00:00  -  Run Bytes Sent By Job\n")  # fmt: skip
    details = body(5, "Job terminated.", below).details
    assert isinstance(details, forms.Ended)
    assert (details.run_remote, details.run_bytes_sent) == (None, None)


def test_a_termination_by_signal_names_it_and_its_core() -> None:
    details = body(
        5, "Job terminated.", "\t(0) Abnormal termination (signal 9)\n\t(1) Corefile in: /x/core 1\n"
    ).details
    assert isinstance(details, forms.Ended)
    assert (details.exit, details.core) == (signalled(9), "/x/core 1")


def test_a_duration_that_is_the_epoch_is_unknown() -> None:
    table = "\tPartitionable Resources :      Usage  Request Allocated \n\t   TimeExecute (s)      : 1795298460 \n"
    details = body(5, "Job terminated.", "\t(1) Normal termination (return value 0)\n" + table).details
    assert isinstance(details, forms.Ended)
    assert details.execute_s is None


def test_assigned_devices_are_a_column_of_their_own() -> None:
    table = (
        "Partitionable Resources :    Usage  Request Allocated Assigned\n"
        "\t   Cpus                 :                 1         1\n"
        '\t   GPUs                 :     0.50        2         2 "GPU-1, GPU-2"\n'
    )
    rows = resource_table(table)
    assert rows["Cpus"] == Resource(None, None, 1, 1)
    assert rows["GPUs"] == Resource(None, 0.5, 2, 2, "GPU-1, GPU-2")


_COUNTS = "\t(0) CPU times\n\t\tUsr 0 00:00:00, Sys 0 00:00:00  -  Run Remote Usage\n\t0  -  Run Bytes Sent By Job\n"


@pytest.mark.parametrize(
    "head, below, expected",
    [
        ("Job was evicted.", _COUNTS + "\tError from slot1_3@s: no\n", (None, None, "Error from slot1_3@s: no")),
        ("Job was evicted. Code 12 Subcode 2", _COUNTS + "\tReason: it failed\n", (12, 2, "it failed")),
        ("Job was evicted. Code 1022 Subcode 0", _COUNTS, (1022, 0, None)),
        ("Job was evicted.", _COUNTS, (None, None, None)),
    ],
)
def test_an_eviction_tells_code_and_reason_in_old_and_new_form(
    head: str, below: str, expected: tuple[int | None, int | None, str | None]
) -> None:
    details = body(4, head, below).details
    assert isinstance(details, forms.Ended)
    assert (details.code, details.subcode, details.reason) == expected
    assert details.exit is None
    assert details.checkpointed is None
    assert details.run_bytes_sent == 0


def test_an_eviction_tells_of_checkpoints() -> None:
    yes, no = (body(4, "Job was evicted.", f"\t{text}\n").details for text in
               ("(1) Job was checkpointed.", "(0) Job was not checkpointed."))  # fmt: skip
    assert isinstance(yes, forms.Ended)
    assert isinstance(no, forms.Ended)
    assert (yes.checkpointed, no.checkpointed, no.reason) == (True, False, None)


def test_holds_releases_and_removals_tell_their_reason() -> None:
    assert body(12, "Job was held.", "\tno licence\n\tCode 3 Subcode 42\n").details == forms.Held("no licence", 3, 42)
    assert body(12, "Job was held.", "\tReason unspecified\n\tCode 0 Subcode 0\n").details == forms.Held(None, 0, 0)
    assert body(13, "Job was released.", "\tvia condor_release (by user wf)\n").details == forms.Held(
        "via condor_release (by user wf)"
    )
    aborted = body(
        9,
        "Job was aborted.",
        "\tvia condor_rm\n\n\tJob terminated by itself at 2026-11-21T21:35:34Z (using method 0: OF_ITS_OWN_ACCORD).\n",
    )
    assert aborted.details == forms.Held(
        "via condor_rm", None, None, "using method 0: OF_ITS_OWN_ACCORD", "2026-11-21T21:35:34Z"
    )


@pytest.mark.parametrize(
    "number, head, below, expected",
    [
        (2, "(1) Job file not executable.", "", forms.Failure("(1) Job file not executable.")),
        (6, "Image size of job updated: 4144",
         "\t5  -  MemoryUsage of job (MB)\n\t40  -  ResidentSetSize of job (KB)\n",
         forms.Size(4144, 5, 40)),
        (7, "Shadow exception!", "\tCan no longer talk\n\t0  -  Run Bytes Sent By Job\n",
         forms.Failure("Can no longer talk")),
        (10, "Job was suspended.", "\tNumber of processes actually suspended: 3\n", forms.Suspended(3)),
        (11, "Job was unsuspended.", "", forms.Note("")),
        (16, "POST Script terminated.", "\t(1) Normal termination (return value 2)\n    DAG Node: A\n",
         forms.Ended(exit=exited(2))),
        (21, "Error from starter on slot1_4@s1:", "\tFailed\n\tCode 13 Subcode 2\n",
         forms.Failure("Failed", "starter", "slot1_4@s1", True, 13, 2)),
        (22, "Job disconnected, attempting to reconnect",
         "    schedd died\n    Trying to reconnect to slot1_4@s1 <127.0.0.1:9618?a=b>\n",
         forms.Connection("slot1_4@s1", "<127.0.0.1:9618?a=b>", "schedd died")),
        (23, "Job reconnected to slot1_1@s1", "    startd address: <127.0.0.1:1>\n",
         forms.Connection("slot1_1@s1", "<127.0.0.1:1>")),
        (24, "Job reconnection failed", "    Job not found\n    Can not reconnect to slot1_1@s1, rescheduling job\n",
         forms.Connection("slot1_1@s1", None, "Job not found")),
        (36, "Cluster removed", "\tMaterialized 3 jobs from 3 items.\tComplete\n", forms.Cluster(3, 3, "Complete")),
        (40, "Started transferring input files", "\tTransferring to host: <127.0.0.1:9618>\n",
         forms.Transfer("started", "input", "<127.0.0.1:9618>")),
        (40, "Finished transferring output files", "", forms.Transfer("finished", "output")),
        (47, "Common files event: TransferStarted", "", forms.Note("")),
        (99, "Something new", "\tand more\n", forms.Note("\tand more")),
    ],
)  # fmt: skip
def test_each_kind_of_event_gives_its_details(number: int, head: str, below: str, expected: forms.Details) -> None:
    event = body(number, head, below)
    assert (event.details, event.text) == (expected, head)


def test_post_scripts_and_skips_name_their_node() -> None:
    assert body(16, "POST Script terminated.", "    DAG Node: A b\n").node == "A b"
    assert body(34, "PRE script return value is PRE_SKIP value", "    DAG Node: s+B\n").node == "s+B"


@pytest.mark.parametrize("ids, expected", [("-1.-1.-1", (-1, -1, -1)), ("146.-01.000", (146, -1, 0))])
def test_negative_ids_are_read(ids: str, expected: tuple[int, int, int]) -> None:
    event = one(f"035 ({ids}) 2026-11-21 12:36:32 Cluster submitted from host: {SINFUL}\n...\n")
    assert (event.cluster, event.proc, event.subproc) == expected


@pytest.mark.parametrize(
    "stamp",
    ["2026-11-21 12:36:32", "11/21 12:36:32", "11/21/26 12:36:32", "2026-11-21T12:36:32Z", "2026-11-21 13:36:32+01:00"],
)
def test_every_stamp_gives_the_time(stamp: str) -> None:
    assert one(f"013 (1.0.0) {stamp} Job was released.\n...\n").ts == 1795264592.0


def test_a_stamp_that_cannot_be_placed_keeps_the_event() -> None:
    found = scan(b"013 (1.0.0) 11/21 12:36:32 Job was released.\n...\n", clock=Clock(UTC), final=True)
    assert (found.events[0].ts, [p.kind for p in found.problems]) == (None, ["unknown-time"])


def ad(number: int, **attributes: object) -> dict[str, object]:
    return {"MyType": "X", "EventTypeNumber": number, "EventTime": "2026-11-21T12:36:32", "Cluster": 70, "Proc": 0,
            "Subproc": 0, **attributes}  # fmt: skip


USAGE = "Usr 0 00:00:01, Sys 0 00:00:02"
ADS: list[tuple[dict[str, object], forms.Details]] = [
    (ad(0, SubmitHost=SINFUL, LogNotes="DAG Node: A", UserNotes="n"),
     forms.Submitted(SINFUL, "submit01.localdomain", None, ("n",))),
    (ad(1, ExecuteHost="<h:1>", SlotName="slot1@w", ExecuteProps={"Cpus": 2, "Memory": 64, "X": "y"}),
     forms.Executing("<h:1>", "w", "slot1@w", None, 2, 64, None, None, {"X": "y"})),
    (ad(5, TerminatedNormally=True, ReturnValue=4, RunRemoteUsage=USAGE, SentBytes=5.0, RequestCpus=1, Cpus=2),
     forms.Ended(exit=exited(4), run_remote=Usage(1, 2), run_bytes_sent=5,
                 resources={"Cpus": Resource(None, None, 1, 2)})),
    (ad(16, TerminatedNormally=False, TerminatedBySignal=9, DAGNodeName="A"), forms.Ended(exit=signalled(9))),
    (ad(12, HoldReason="no", HoldReasonCode=3, HoldReasonSubCode=1), forms.Held("no", 3, 1)),
    (ad(6, Size=4, MemoryUsage=5, ResidentSetSize=6), forms.Size(4, 5, 6)),
    (ad(21, Daemon="starter", ExecuteHost="s", ErrorMsg="e"), forms.Failure("e", "starter", "s")),
    (ad(22, StartdName="s", StartdAddr="<a>", DisconnectReason="r"), forms.Connection("s", "<a>", "r")),
    (ad(10, NumberOfPIDs=2), forms.Suspended(2)),
    (ad(40, Type=2, Host="<h>"), forms.Transfer("started", "input", "<h>")),
    (ad(36, NextProcId=2, NextRow=3, Completion=1), forms.Cluster(2, 3, "1")),
]  # fmt: skip


def xml(value: object) -> str:
    if isinstance(value, dict):
        return "<c>\n" + "".join(f'<a n="{k}">{xml(v)}</a>\n' for k, v in value.items()) + "</c>"
    if isinstance(value, bool):
        return f'<b v="{"t" if value else "f"}"/>'
    if isinstance(value, int | float):
        return f"<{'i' if isinstance(value, int) else 'r'}>{value}</{'i' if isinstance(value, int) else 'r'}>"
    return "<s>" + str(value).replace("&", "&amp;").replace("<", "&lt;") + "</s>"


@pytest.mark.parametrize("attributes, expected", ADS)
def test_json_and_xml_give_the_same_details_as_text(attributes: dict[str, object], expected: forms.Details) -> None:
    for text in (json.dumps(attributes) + "\n", json.dumps(attributes, indent=4) + "\n...\n", xml(attributes) + "\n"):
        event = one(text)
        assert (event.details, event.ts, event.cluster) == (expected, 1795264592.0, 70)
        assert event.node == ("A" if attributes["EventTypeNumber"] in (0, 16) else None)


MIXED = SUBMIT + json.dumps(ADS[3][0], indent=2) + "\n" + TERMINATED + xml(ADS[1][0]) + "\n" + SUBMIT_25


def test_one_file_may_mix_all_forms() -> None:
    found = read('<?xml version="1.0"?>\n<classads>\n' + MIXED)
    assert found.problems == []
    assert [event.number for event in found.events] == [0, 16, 5, 1, 0]


@given(st.integers(0, len(MIXED)))
@settings(max_examples=100)
def test_a_log_read_in_two_pieces_gives_the_same_events(cut: int) -> None:
    data = MIXED.encode()
    first = scan(data[:cut], clock=CLOCK)
    second = scan(data[first.end :], first.end, clock=CLOCK)
    assert first.problems == second.problems == []
    assert first.events + second.events == read(MIXED).events
    assert second.end == len(data)


def test_an_event_without_end_waits_and_is_read_at_the_last() -> None:
    torn = SUBMIT + TERMINATED[:200]
    waiting = read(torn, final=False)
    assert (len(waiting.events), waiting.end, waiting.problems) == (1, len(SUBMIT), [])
    ended = read(torn)
    assert ([e.number for e in ended.events], [p.kind for p in ended.problems]) == ([0, 5], ["torn-event"])


def test_a_torn_event_does_not_swallow_the_next() -> None:
    found = read(TERMINATED[:200] + "\n" + SUBMIT)
    assert [event.number for event in found.events] == [5, 0]
    assert [(p.kind, p.offset) for p in found.problems] == [("torn-event", 0)]


@pytest.mark.parametrize(
    "rubbish",
    ["garbage\nmore\n...\n", "{ broken\n...\n", '{"a": }\n...\n', "<c><a\n...\n", "<d>\n...\n",
     '{"EventTypeNumber": "x"}\n',
     "005 (x.y.z) 2026\n...\n", "\x00\x01\x02\n...\n"],
)  # fmt: skip
def test_rubbish_is_told_with_its_place_and_the_next_event_is_read(rubbish: str) -> None:
    found = read(SUBMIT + rubbish + TERMINATED)
    assert [event.number for event in found.events] == [0, 5]
    assert {p.kind for p in found.problems} <= {"not-an-event", "torn-event", "nul-byte"}
    assert found.problems[0].offset == len(SUBMIT)


@pytest.mark.parametrize("piece", ["\n{", "\n<c>", "{\n...\n", f"\n005 {HEAD} x", "<c>\n<c></c>\n", "\n<"])
def test_a_flood_of_broken_beginnings_costs_linear_time(piece: str) -> None:
    data = piece.encode() * (400_000 // len(piece))
    assert scan(data, clock=CLOCK, final=True).end == len(data)


def test_odd_bytes_in_an_event_are_shown() -> None:
    found = read(SUBMIT.replace("Node: A", "Node: \udcff\0").encode("utf-8", "surrogateescape"))
    assert found.events[0].node == "\\xff\\x00"
    assert [p.kind for p in found.problems] == ["not-utf8", "nul-byte"]


def test_carriage_returns_are_no_part_of_an_event() -> None:
    assert read(SUBMIT.replace("\n", "\r\n")).events[0].details == one(SUBMIT).details


def test_an_endless_event_is_left_out_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "big.log"
    path.write_bytes(SUBMIT.encode() + b"x" * (3 * MAX_EVENT) + b"\n...\n" + TERMINATED.encode() + b"{" * MAX_EVENT)
    problems = Problems()
    assert [event.number for event in read_events(path, clock=CLOCK, problems=problems)] == [0, 5]
    assert 2 <= len(problems) < 20


def test_details_are_left_out_where_they_are_not_wanted() -> None:
    found = scan(MIXED.encode(), clock=CLOCK, final=True, detailed={5})
    assert [event.details is None for event in found.events] == [True, True, False, True, True]
    assert found.events[0].node == "A"


@given(st.lists(st.sampled_from([SUBMIT, TERMINATED, "...\n", "{", "}", "<c>", "</c>", '"', "\n", "000 (", "é", "\0", "x" * 50]), max_size=12))  # noqa: E501  # fmt: skip
@settings(max_examples=100)
def test_no_content_raises_and_all_is_consumed_at_the_last(parts: list[str]) -> None:
    data = "".join(parts).encode()
    found = read(data)
    assert found.end == len(data)
    assert scan(data, clock=CLOCK).end <= len(data)
    assert all(a.end <= b.offset for a, b in zip(found.events, found.events[1:], strict=False))


def test_names_are_those_of_htcondor() -> None:
    assert [event_name(n) for n in (5, 12, 16, 40, 47, 77)] == [
        "ULOG_JOB_TERMINATED", "ULOG_JOB_HELD", "ULOG_POST_SCRIPT_TERMINATED", "ULOG_FILE_TRANSFER",
        "ULOG_COMMON_FILES",
        "ULOG_077",
    ]  # fmt: skip


def test_every_recorded_log_is_read_whole(shared: Path) -> None:
    paths = [
        path
        for pattern in ("runs*/*/submit/**/*.nodes.log", "runs*/*/submit/**/*.dagman.log", "engines/htcondor/*.log")
        for path in (shared / "corpus").glob(pattern)
    ]
    assert len(paths) > 100
    seen: Counter[int] = Counter()
    for path in paths:
        data = path.read_bytes()
        found = scan(data, clock=CLOCK, final=True, path=str(path))
        assert found.problems == [], path
        assert len(found.events) == data.count(b"\n...\n"), path
        assert all(event.ts is not None for event in found.events), path
        seen.update(event.number for event in found.events)
        ends = [e.details for e in found.events if isinstance(e.details, forms.Ended) and e.number in (5, 16)]
        assert all(end.exit is not None for end in ends), path
        assert all(event.node for event in found.events if event.number == 16), path
    assert {0, 1, 4, 5, 9, 12, 13, 16} <= seen.keys()
