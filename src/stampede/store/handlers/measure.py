"""What was measured of a job instance: its host, sizes, usage, tags and checks of integrity."""

from __future__ import annotations

from stampede.events import catalogue as ev
from stampede.store.handlers.attempt import enter
from stampede.store.handlers.handler import Handlers
from stampede.store.workingset import WorkingSet


def host_info(db: WorkingSet, e: ev.JobInstHostInfo) -> None:
    """The machine it ran on."""
    wf = db.workflow(e.xwf_id)
    _, instance = db.instance(wf, e.job_id, e.job_inst_id)
    key = (wf.root_id, e.site or "unknown", e.hostname or "unknown", e.ip or "unknown")
    host_id = db.hosts.get(key)
    if host_id is None:
        row = db.connection.execute(
            "SELECT host_id FROM host WHERE wf_id = ? AND site = ? AND hostname = ? AND ip = ?", key
        ).fetchone()
        host_id = row[0] if row else db.new_id("host")
        db.hosts[key] = host_id
        if row is None:
            db.rows.host.append((host_id, *key, e.uname, e.total_memory))
        elif e.uname or e.total_memory:
            db.rows.host_update.append((e.uname, e.total_memory, host_id))
    instance.host_id = host_id


def image_info(db: WorkingSet, e: ev.JobInstImageInfo) -> None:
    """The memory it took."""
    if e.js_id is None:
        # a job event log adds the size; it is no state that the engine spoke of
        _, instance = db.instance(db.workflow(e.xwf_id), e.job_id, e.job_inst_id)
    else:
        _, _, instance, _ = enter(db, e, "IMAGE_SIZE", reason=e.reason)
    if e.size is not None:
        instance.image_size_kb = max(e.size, instance.image_size_kb or 0)


def inst_tag(db: WorkingSet, e: ev.JobInstTag) -> None:
    """A named count, such as ``int.error``."""
    wf = db.workflow(e.xwf_id)
    _, instance = db.instance(wf, e.job_id, e.job_inst_id)
    db.rows.tag.append((wf.wf_id, instance.job_instance_id, e.name, e.count))


def int_metric(db: WorkingSet, e: ev.IntMetric) -> None:
    """Checks of integrity, and how long they took."""
    wf = db.workflow(e.xwf_id)
    _, instance = db.instance(wf, e.job_id, e.job_inst_id)
    db.rows.integrity.append((wf.wf_id, instance.job_instance_id, e.type, e.file_type, e.count or 0, e.duration or 0.0))


_USAGE = (
    "req_cpus", "req_memory_mb", "req_disk_kb", "req_gpus", "unmet_requirements", "alloc_cpus", "alloc_memory_mb",
    "alloc_disk_kb", "alloc_gpus", "used_cpus", "used_memory_mb", "used_disk_kb", "used_gpus", "cpu_user_s",
    "cpu_system_s", "bytes_sent", "bytes_received", "slot", "hostname",
)  # fmt: skip


def inst_usage(db: WorkingSet, e: ev.JobInstUsage) -> None:
    """What was asked for, given and used."""
    wf = db.workflow(e.xwf_id)
    _, instance = db.instance(wf, e.job_id, e.job_inst_id)
    if e.slot:
        instance.slot = e.slot
    names = [n for n in _USAGE if getattr(e, n) is not None]
    if not names:
        return
    db.retire(instance, e.job_id)
    marks = ", ".join("?" * (len(names) + 1))
    db.connection.execute(
        f"INSERT INTO resource_usage(job_instance_id, {', '.join(names)}) VALUES ({marks}) "
        f"ON CONFLICT(job_instance_id) DO UPDATE SET {', '.join(f'{n} = excluded.{n}' for n in names)}",
        (instance.job_instance_id, *(getattr(e, n) for n in names)),
    )


HANDLERS: Handlers = {
    ev.JobInstHostInfo: host_info,
    ev.JobInstImageInfo: image_info,
    ev.JobInstTag: inst_tag,
    ev.JobInstUsage: inst_usage,
    ev.IntMetric: int_metric,
}
