"""How much memory the server takes."""

import pytest

from wardbase.store.settings import MIB, as_file, shared_buffers

GIB = 1024 * MIB


@pytest.mark.parametrize(
    ("memory", "buffers"),
    [(512 * MIB, 128 * MIB), (4 * GIB, 512 * MIB), (8 * GIB, GIB), (512 * GIB, GIB)],
)
def test_shared_buffers_are_an_eighth_within_bounds(memory: int, buffers: int) -> None:
    assert shared_buffers(memory) == buffers


def test_a_quote_in_a_path_stays_in_its_setting() -> None:
    assert as_file({"log_directory": "/o'brien"}).splitlines()[-1] == "log_directory = '/o''brien'"
