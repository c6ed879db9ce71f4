"""What a try asked for, was given and used."""

from __future__ import annotations

import msgspec

from stampede.store.reader import Reader


class Amounts(msgspec.Struct, kw_only=True):
    """An amount of each resource; None where nothing was said."""

    cpus: float | None
    memory_mb: float | None
    disk_kb: float | None
    gpus: float | None


class Resources(msgspec.Struct, kw_only=True):
    """What was asked for, given and used."""

    requested: Amounts
    allocated: Amounts
    used: Amounts
    cpu_user_s: float | None
    cpu_system_s: float | None
    bytes_sent: int | None
    bytes_received: int | None


def resources_of(reader: Reader, instance: int) -> Resources | None:
    """The resources of a job instance; None when nothing was said of them."""
    wanted = ", ".join(f"{k}_{w}" for k in ("req", "alloc", "used") for w in Amounts.__struct_fields__)
    row = reader.one(
        f"SELECT {wanted}, cpu_user_s, cpu_system_s, bytes_sent, bytes_received FROM resource_usage "
        "WHERE job_instance_id = ?",
        (instance,),
    )
    if row is None:
        return None
    amounts = [Amounts(cpus=r[0], memory_mb=r[1], disk_kb=r[2], gpus=r[3]) for r in (row[0:4], row[4:8], row[8:12])]
    return Resources(
        requested=amounts[0], allocated=amounts[1], used=amounts[2], cpu_user_s=row[12], cpu_system_s=row[13],
        bytes_sent=row[14], bytes_received=row[15],
    )  # fmt: skip
