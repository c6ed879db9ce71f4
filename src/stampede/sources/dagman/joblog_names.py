"""Names of HTCondor job events by number (HTCondor manual, "Job Event Log Codes"; 046, 047 from 25.x logs)."""

from __future__ import annotations

NAMES: dict[int, str] = dict(
    enumerate(
        (
            "ULOG_SUBMIT",
            "ULOG_EXECUTE",
            "ULOG_EXECUTABLE_ERROR",
            "ULOG_CHECKPOINTED",
            "ULOG_JOB_EVICTED",
            "ULOG_JOB_TERMINATED",
            "ULOG_IMAGE_SIZE",
            "ULOG_SHADOW_EXCEPTION",
            "ULOG_GENERIC",
            "ULOG_JOB_ABORTED",
            "ULOG_JOB_SUSPENDED",
            "ULOG_JOB_UNSUSPENDED",
            "ULOG_JOB_HELD",
            "ULOG_JOB_RELEASED",
            "ULOG_NODE_EXECUTE",
            "ULOG_NODE_TERMINATED",
            "ULOG_POST_SCRIPT_TERMINATED",
            "ULOG_GLOBUS_SUBMIT",
            "ULOG_GLOBUS_SUBMIT_FAILED",
            "ULOG_GLOBUS_RESOURCE_UP",
            "ULOG_GLOBUS_RESOURCE_DOWN",
            "ULOG_REMOTE_ERROR",
            "ULOG_JOB_DISCONNECTED",
            "ULOG_JOB_RECONNECTED",
            "ULOG_JOB_RECONNECT_FAILED",
            "ULOG_GRID_RESOURCE_UP",
            "ULOG_GRID_RESOURCE_DOWN",
            "ULOG_GRID_SUBMIT",
            "ULOG_JOB_AD_INFORMATION",
            "ULOG_JOB_STATUS_UNKNOWN",
            "ULOG_JOB_STATUS_KNOWN",
            "ULOG_JOB_STAGE_IN",
            "ULOG_JOB_STAGE_OUT",
            "ULOG_ATTRIBUTE_UPDATE",
            "ULOG_PRESKIP",
            "ULOG_CLUSTER_SUBMIT",
            "ULOG_CLUSTER_REMOVE",
            "ULOG_FACTORY_PAUSED",
            "ULOG_FACTORY_RESUMED",
            "ULOG_NONE",
            "ULOG_FILE_TRANSFER",
            "ULOG_RESERVE_SPACE",
            "ULOG_RELEASE_SPACE",
            "ULOG_FILE_COMPLETE",
            "ULOG_FILE_USED",
            "ULOG_FILE_REMOVED",
            "ULOG_DATAFLOW_JOB_SKIPPED",
            "ULOG_COMMON_FILES",
        )
    )
)


def event_name(number: int) -> str:
    """``ULOG_JOB_TERMINATED`` for 5; ``ULOG_77`` for a number this release does not know."""
    return NAMES.get(number) or f"ULOG_{number:03d}"
