"""Kickstart records as text, for the tests of this folder: of the shape that Pegasus 5.1 writes, made small."""

from __future__ import annotations

STAT = """\
      mode: 0o100600
      size: {size}
      inode: 3106345
      nlink: 1
      blksize: 4096
      blocks: 8
      mtime: 2026-11-21T21:23:25+00:00
      atime: 2026-11-21T21:23:25+00:00
      ctime: 2026-11-21T21:23:25+00:00
      uid: 1500
      user: wf
      gid: 1500
      group: wf
"""

MACHINE = """\
  machine:
    page-size: 4096
    uname_system: linux
    uname_nodename: vm
    uname_release: 6.18.44
    uname_machine: x86_64
    ram_total: 24684096
    ram_free: 16936336
    swap_total: 0
    cpu_count: 2
    cpu_speed: 2600
    cpu_vendor: AuthenticAMD
    cpu_model: AMD EPYC
    load_min1: 4.15
    task_other: 38
"""

OK_STATUS = "      raw: 0\n      regular_exitcode: 0\n"

FILES = (
    '    f.a:\n      lfn: "f.a"\n      file_name: /scratch/f.a\n'
    + STAT.format(size=243)
    + '    f.b:\n      lfn: "f.b"\n      file_name: /scratch/f.b\n'
    + STAT.format(size=252)
    + "      output: True\n      sha256: 4809c92d98dc\n      checksum_timing: 0.25\n"
    + '    f.gone:\n      error: 2\n      lfn: "f.gone"\n      file_name: f.gone\n'
)

CLEANUP = """\
  cleanup:
    start: 2026-11-21T21:27:07.161+00:00
    duration: 99.000
    usage:
      utime: 77.000
      stime: 66.000
      maxrss: 55
    status:
      raw: 256
      regular_exitcode: 1
    executable:
      file_name: /usr/bin/rm
    argument_vector:
      - "-rf"
      - "x.lof"
    procs:
"""


def literal(text: str) -> str:
    """``text`` as kickstart writes captured output: indented by eight, a line of blanks at its end."""
    return "".join(f"        {line}\n" for line in text.split("\n"))


def stream(name: str, text: str = "", truncated: bool = False) -> str:
    """The entry of ``stdout`` or ``stderr``."""
    entry = f"    {name}:\n      temporary_name: /tmp/ks.{name}\n      descriptor: 3\n" + STAT.format(size=len(text))
    if text:
        entry += f"      data_truncated: {str(truncated).lower()}\n      data: |\n" + literal(text)
    return entry


def record(
    *,
    status: str = OK_STATUS,
    arguments: str = '      - "-n"\n      - "process18"\n      - "a b"\n',
    machine: str = MACHINE,
    files: str = FILES,
    before: str = "",
    after: str = "",
    stdout: str = "",
    stderr: str = "",
    truncated: bool = False,
    metadata: bool = True,
    main_start: str = "2026-11-21T21:23:25.404+00:00",
    executable: str = "      file_name: /home/wf/step.py\n" + STAT.format(size=2849),
) -> str:
    """One record; ``before`` and ``after`` are sections around the main job."""
    return (
        "- invocation: True\n  version: 3.0\n  start: 2026-11-21T21:23:25.399+00:00\n  duration: 0.535\n"
        '  transformation: "diamond::process:4.0"\n  derivation: "ID0000020"\n  resource: "condorpool"\n'
        '  wf-label: "clustered"\n  wf-stamp: "2026-11-21T21:22:58+00:00"\n  interface: eth0\n'
        "  hostaddr: 192.0.2.2\n  hostname: node7.example.org\n  pid: 14903\n  uid: 1500\n  user: wf\n  gid: 1500\n"
        "  group: wf\n  umask: 0o0022\n"
        + before
        + f"  mainjob:\n    start: {main_start}\n    duration: 0.530\n    pid: 14905\n"
        "    usage:\n      utime: 0.017\n      stime: 0.003\n      maxrss: 16556\n      minflt: 1724\n"
        "    status:\n" + status + "    executable:\n" + executable + "    argument_vector:\n" + arguments
        + "    procs:\n" + after + "  jobids:\n    condor: 1206.0\n  cwd: /scratch/run0001\n"
        "  usage:\n    utime: 9.002\n    stime: 9.002\n    maxrss: 9999\n" + machine + "  files:\n" + files
        + "    stdin:\n      file_name: /dev/null\n" + STAT.format(size=0)
        + stream("stdout", stdout, truncated) + stream("stderr", stderr)
        + (stream("metadata") if metadata else "")
    )  # fmt: skip


XML_RECORD = """\
<?xml version="1.0" encoding="ISO-8859-1"?>
<invocation xmlns="http://pegasus.isi.edu/schema/invocation" version="2.3" start="2016-05-30T14:31:30.800-07:00" \
duration="7.500" transformation="ns::sim:1.0" derivation="ID01" resource="cluster" hostaddr="192.0.2.9" \
hostname="node9" pid="5" uid="7" user="wf" gid="7" group="wf" umask="0022">
  <prejob start="2016-05-30T14:31:30.900-07:00" duration="0.1">
    <usage utime="50.0" stime="50.0" maxrss="1"/><status raw="512"><regular exitcode="2"/></status>
    <statcall error="0"><file name="/bin/pre"/></statcall><argument-vector><arg nr="1">pre</arg></argument-vector>
  </prejob>
  <mainjob start="2016-05-30T14:31:31.000-07:00" duration="7.000" pid="6">
    <usage utime="0.819" stime="5.514" maxrss="2048" minflt="7"/>
    <status raw="139"><signalled signal="11" corefile="true">Segmentation fault</signalled></status>
    <statcall error="0"><file name="/opt/sim">7F45</file><statinfo mode="0100755" size="9" user="root"/></statcall>
    <argument-vector><arg nr="1">-a</arg><arg nr="2">x &lt; y</arg></argument-vector>
  </mainjob>
  <cwd>/scratch/run1</cwd>
  <usage utime="0.0" stime="0.007" maxrss="3"/>
  <machine page-size="4096"><stamp>2016-05-30T14:31:30.800-07:00</stamp>
    <uname system="linux" nodename="n" release="3.10.0" machine="x86_64">#1 SMP</uname>
    <linux><ram total="{ram}" free="1"/><swap total="2" free="2"/>
    <cpu count="16" speed="2400" vendor="GenuineIntel">Intel Xeon</cpu></linux></machine>
  <statcall error="0" id="initial" lfn="f.in"><file name="/scratch/f.in"/>
    <statinfo mode="0100644" size="11" ctime="2016-05-30T14:31:30-07:00" uid="7" user="wf"/></statcall>
  <statcall error="0" id="final" lfn="f.out"><file name="/scratch/f.out"/>
    <statinfo mode="0100644" size="12" ctime="2016-05-30T14:31:30-07:00" uid="7" user="wf" gid="7" group="wf"/>
    <checksum type="sha256" value="abc123" timing="0.5"/></statcall>
  <statcall error="2" id="final" lfn="f.gone"><file name="/scratch/f.gone"/></statcall>
  <statcall error="0" id="stdout"><temporary name="/tmp/o" descriptor="3"/>
    <statinfo mode="0100600" size="5"/><data truncated="true">hello
  - invocation: True
</data></statcall>
  <statcall error="0" id="stderr"><temporary name="/tmp/e" descriptor="4"/></statcall>
</invocation>
"""
