"""Files told apart and cut into JSON texts."""

import gzip
import io
import json
import lzma
import tarfile
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wardbase.exchange.fhir.bundle import open_bundle
from wardbase.exchange.fhir.source import Kind, json_texts, kind_of, ndjson_lines

PATIENT = b'{"resourceType":"Patient","id":"one"}'
GROUP = b'{"resourceType":"Group","id":"two"}'


def lines(content: bytes, most: int = 1000) -> list[tuple[int, bytes]]:
    return [(t.line, t.raw) for t in ndjson_lines(io.BytesIO(content), most) if not t.refused]


def texts(content: bytes, most: int = 1000) -> list[tuple[int, bytes]]:
    return [(t.line, t.raw) for t in json_texts(io.BytesIO(content), most) if not t.refused]


def tarred(mode: str) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode=mode) as archive:
        archive.addfile(tarfile.TarInfo("a.json"), io.BytesIO())
    return packed.getvalue()


def zipped() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.json", PATIENT)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (PATIENT, "a.json", Kind.JSON),
        (PATIENT + b"\n", "a.json", Kind.JSON),
        (PATIENT, "a.ndjson", Kind.NDJSON),
        (PATIENT, "A.NDJSON.GZ", Kind.NDJSON),
        (PATIENT + b"\n" + GROUP, "a.json", Kind.NDJSON),
        (PATIENT + b"\r\n\r\n" + GROUP[:5], "", Kind.NDJSON),
        (b"\xef\xbb\xbf" + PATIENT, "", Kind.JSON),
        (b'{\n  "resourceType"', "a.ndjson", Kind.JSON),
        (b"\n [\n" + PATIENT, "", Kind.JSON),
        (zipped(), "a.json", Kind.ZIP),
        (b"PK\5\6" + bytes(18), "empty.zip", Kind.ZIP),
        (gzip.compress(PATIENT), "a.json", Kind.GZIP),
        (lzma.compress(PATIENT), "a.json", Kind.XZ),
        (tarred("w"), "", Kind.TAR),
        (tarred("w:gz"), "a.tgz", Kind.TAR),
        (tarred("w:xz"), "a.tar.xz", Kind.TAR),
        (gzip.compress(PATIENT)[:3], "", Kind.GZIP),
        (b"\x1f\x8bxxxx", "", Kind.GZIP),
        (b"\xfd7zXZ\0xxxxxxxxxxxxx", "", Kind.XZ),
        (b"", "a.json", Kind.UNKNOWN),
        (b"id,name\n", "a.csv", Kind.UNKNOWN),
        (b"\xff\xfe{\0", "a.json", Kind.UNKNOWN),
    ],
)
def test_a_file_is_known_by_its_first_bytes(content, name, kind):
    assert kind_of(content, name) is kind


def test_lines_are_numbered_and_blank_ones_passed_over():
    content = b"\xef\xbb\xbf" + PATIENT + b"\r\n\n  \r\n" + GROUP + b"\n" + PATIENT
    assert lines(content) == [(1, PATIENT), (4, GROUP), (5, PATIENT)]
    assert lines(b"") == []
    assert lines(b"\n\n") == []


def test_a_line_too_long_is_refused_and_the_rest_goes_through():
    content = b"a" * 10 + b"\n" + b"b" * 11 + b"\n" + b"c" * 5_000 + b"\r\n" + b"d" * 10 + b"\r\n"
    found = list(ndjson_lines(io.BytesIO(content + b"e" * 12), 10))
    assert [(t.line, t.raw) for t in found if not t.refused] == [(1, b"a" * 10), (4, b"d" * 10)]
    assert [str(t.refused) for t in found if t.refused] == [
        f"line {n}: expected at most 10 bytes; divide it" for n in (2, 3, 5)
    ]


def test_a_long_line_after_a_byte_order_mark_is_refused_too():
    (found,) = ndjson_lines(io.BytesIO(b"\xef\xbb\xbf" + b"a" * 12), 10)
    assert found.refused


def test_memory_stays_bounded_whatever_the_length_of_a_line():
    class Endless(io.RawIOBase):
        longest = 0
        left = 40

        def readline(self, size=-1):
            self.longest = max(self.longest, size)
            self.left -= 1
            return b"x" * size if self.left > 0 else b""

    endless = Endless()
    (found,) = ndjson_lines(endless, 1000)
    assert found.refused
    assert endless.longest == 2**20


def test_a_file_over_several_lines_is_one_text():
    pretty = json.dumps(json.loads(PATIENT), indent=2).encode()
    assert texts(pretty) == [(1, pretty)]
    ((line, raw),) = texts(b"\r\n\n" + pretty.replace(b"\n", b"\r\n"))
    assert line == 3
    assert json.loads(raw) == json.loads(PATIENT)


def test_a_file_on_one_line_and_ndjson_are_texts_by_line():
    bundle = b'{"resourceType":"Bundle","type":"batch","entry":[{"resource":%b}]}' % PATIENT
    assert texts(PATIENT) == [(1, PATIENT)]
    assert texts(bundle + b"\n") == [(1, bundle)]
    assert texts(PATIENT + b"\n" + GROUP + b"\n") == [(1, PATIENT), (2, GROUP)]
    assert texts(PATIENT + b"\n{broken\n" + GROUP) == [(1, PATIENT), (2, b"{broken"), (3, GROUP)]
    assert texts(b"") == []


def test_a_list_of_resources_is_one_text():
    content = b"[\n" + PATIENT + b",\n" + GROUP + b"\n]\n"
    ((_, raw),) = texts(content)
    assert [e.resource for e in open_bundle(raw)] == [PATIENT, GROUP]


def test_a_broken_file_is_one_text_whose_reader_says_where():
    ((_, raw),) = texts(b'{"resourceType":"Patient",\n"name":}')
    assert raw == b'{"resourceType":"Patient",\n"name":}'


def test_a_file_too_long_for_one_text_is_refused():
    (found,) = json_texts(io.BytesIO(b"{\n" + b" " * 1000 + b"}"), 100)
    assert str(found.refused) == "the file: expected at most 100 bytes; divide it"
    (found,) = json_texts(io.BytesIO(b"{" + b" " * 1000 + b"}"), 100)
    assert str(found.refused) == "line 1: expected at most 100 bytes; divide it"


@given(st.lists(st.dictionaries(st.text(), st.text())))
def test_what_was_written_as_ndjson_is_read_again(values):
    content = "\n".join(json.dumps(value, ensure_ascii=False) for value in values).encode()
    assert [json.loads(raw) for _, raw in texts(content, 10**6)] == values


@given(st.binary(max_size=300))
def test_any_bytes_are_of_some_kind(content):
    assert kind_of(content) in Kind
    list(json_texts(io.BytesIO(content)))
