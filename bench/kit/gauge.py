"""What a command and the server used: seconds, processor time of each side, memory.

Processor time hardly depends on who else is busy on the machine; seconds do.
"""

import os
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from wardbase.store import server

_TICK = os.sysconf("SC_CLK_TCK")
_MIB = 1 << 20


@dataclass(frozen=True)
class Used:
    """What one run took. Memory in MiB; of the client alone."""

    said: str
    seconds: float
    client_cpu: float
    server_cpu: float | None
    peak_process: float
    peak_rss_sum: float
    peak_pss_sum: float


class Watch(threading.Thread):
    """Looks at the memory of a process and its descendants until stopped."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid = pid
        self.process = self.rss = self.pss = 0
        self.over = threading.Event()

    def run(self) -> None:
        """Ask often for the cheap figure, seldom for the proportional one."""
        turn = 0
        while not self.over.wait(0.05):
            sizes = [_rss(pid) for pid in family(self.pid)]
            self.process = max([self.process, *sizes])
            self.rss = max(self.rss, sum(sizes))
            if turn % 10 == 0:
                self.pss = max(self.pss, sum(_pss(pid) for pid in family(self.pid)))
            turn += 1


def measured(words: Sequence[str]) -> Used:
    """Run a command to its end; raises if it fails."""
    server_before = server_cpu()
    began = time.perf_counter()
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    watch = Watch(process.pid)
    watch.start()
    assert process.stdout is not None
    said = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    watch.over.set()
    watch.join()
    if process.returncode:
        raise SystemExit(f"{' '.join(words)} failed with {process.returncode}: {said}")
    after = server_cpu()
    return Used(
        said,
        seconds,
        used.ru_utime + used.ru_stime,
        None if after is None or server_before is None else after - server_before,
        watch.process / _MIB,
        watch.rss / _MIB,
        watch.pss / _MIB,
    )


def server_cpu() -> float | None:
    """Seconds of processor time the embedded server has used, with backends that are gone.

    None for a server elsewhere.
    """
    if server.external() is not None:
        return None
    postmaster = server.status().pid
    if postmaster is None:
        return None
    return _cpu(postmaster, also_gone=True) + sum(map(_cpu, family(postmaster)[1:]))


def backend_cpu(pid: int) -> float:
    """Seconds of processor time one backend has used."""
    return _cpu(pid)


def _cpu(pid: int, also_gone: bool = False) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11 : 15 if also_gone else 13])) / _TICK


def family(pid: int) -> list[int]:
    """A process and its descendants."""
    found = [pid]
    for each in found:
        for children in Path(f"/proc/{each}/task").glob("*/children"):
            try:
                found += map(int, children.read_text().split())
            except OSError:
                continue
    return found


def _rss(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0


def _pss(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
