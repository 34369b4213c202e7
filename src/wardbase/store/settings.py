"""The server's settings: what each is, and why it is not PostgreSQL's default."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from wardbase.store.home import Home

MIB = 1 << 20

FIXED: Mapping[str, str] = {
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_connections": "200",
    # Cloning, dumping and dropping a tenant touch every one of its tables at once.
    "max_locks_per_transaction": "256",
    # Planning SQL for a chart takes longer with it than running it.
    "jit": "off",
    "random_page_cost": "1.1",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    # Loads write gigabytes: fewer checkpoints, each spread out, and compressed pages in the WAL.
    "wal_level": "replica",
    "wal_compression": "lz4",
    "max_wal_size": "4GB",
    "min_wal_size": "512MB",
    "checkpoint_timeout": "15min",
    "checkpoint_completion_target": "0.9",
    "default_toast_compression": "lz4",
    # Acknowledged means durable.
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    # The log keeps a week and says nothing of rows: neither statements, nor the values in details.
    "logging_collector": "on",
    "log_filename": "postgresql-%a.log",
    "log_truncate_on_rotation": "on",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_line_prefix": "%m [%p] %q%a@%d ",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}


def settings(place: Home, port: int) -> dict[str, str]:
    """All settings of the server in `place`."""
    chosen = dict(FIXED)
    chosen["listen_addresses"] = "127.0.0.1"
    chosen["port"] = str(port)
    chosen["unix_socket_directories"] = str(place.socket or "")
    chosen["unix_socket_permissions"] = "0700"
    chosen["log_directory"] = str(place.log)
    chosen["shared_buffers"] = f"{shared_buffers(memory()) // MIB}MB"
    if sys.platform == "linux":
        # With a thousand files a tenant, fsync of each takes minutes after a crash.
        chosen["recovery_init_sync_method"] = "syncfs"
    if (place.data / "server.key").exists():
        chosen["ssl"] = "on"
        chosen["ssl_min_protocol_version"] = "TLSv1.2"
    return chosen


def as_file(chosen: Mapping[str, str]) -> str:
    lines = [f"{name} = '{value.replace(chr(39), chr(39) * 2)}'" for name, value in chosen.items()]
    return "\n".join(
        ["# Written by wardbase at each start. Change settings with ALTER SYSTEM instead.", *lines]
    )


def shared_buffers(memory: int) -> int:
    """An eighth of the memory, for the machine does other work too; at most 1 GiB."""
    return max(128 * MIB, min(memory // 8, 1024 * MIB))


def memory() -> int:
    """The bytes of memory we may use: the machine's, or our container's if that is less."""
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    limits = (
        Path("/sys/fs/cgroup/memory.max"),
        Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
    )
    return min([machine, *(limit for path in limits if (limit := _number(path)))])


def _number(path: Path) -> int:
    try:
        return int(path.read_text())
    except (OSError, ValueError):  # absent, or "max"
        return 0
