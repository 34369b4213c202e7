"""The rows of a batch, encoded and collected by table, and sent in one go."""

from datetime import datetime
from struct import Struct as Packer
from typing import Any
from uuid import UUID

from psycopg import Connection

from wardbase.exchange.fhir.kinds import (
    NULL,
    Blob,
    NeedsEntry,
    is_key,
    key_wire,
    text_wire,
)
from wardbase.exchange.fhir.mapping import Mapping, mapping
from wardbase.exchange.fhir.remainder import Shredded
from wardbase.model import RESOURCES
from wardbase.record.dictionary import Dictionary
from wardbase.store.copy import copy_rows

_micros = Packer(">iq").pack
_length = Packer(">i").pack
_REST = ("type", "key", "sensitivity", "patient_id", "elements")
_RESOURCE = (
    "type",
    "key",
    "patient_id",
    "id",
    "hash",
    "updated_at",
    "written_at",
    "patient_ref",
    "elements",
)
_ATTACHMENT = ("attachment_id", "patient_id", "data")
_PATIENT = slice(26, 42)
"""Where the key of the patient is in a row of `attachment`: after its count, its key, a length."""
_EPOCH = datetime.fromisoformat("2000-01-01T00:00:00+00:00")


def bytes_wire(content: bytes) -> bytes:
    """Bytes, or JSON text, as PostgreSQL takes them."""
    return _length(len(content)) + content


class Batch:
    """Rows by table. Attachments are collected by key, so that each is sent once."""

    def __init__(self, dictionary: Dictionary, written_at: datetime) -> None:
        self._dictionary = dictionary
        micros = (written_at - _EPOCH) // (datetime.resolution)
        self._written = _micros(8, micros)
        self._rows: dict[str, list[list[bytes]]] = {}
        self._rest: list[bytes] = []
        self._generic: list[bytes] = []
        self.attachments: dict[bytes, bytes] = {}
        self._owner = NULL

    def add(self, each: Shredded) -> None:
        """Encode a resource."""
        opened = each.opened
        key = key_wire(opened.key)
        patient = patient_wire(each)
        self._owner = _owner_wire(each)
        updated = NULL if opened.updated is None else _micros(8, opened.updated.micros)
        id_ = NULL if is_key(opened.id) else text_wire(opened.id)
        hash_ = key_wire(opened.hash)
        if each.tree is None:
            self._add_generic(each, key, patient, (id_, hash_, updated))
            return
        made = mapping(opened.type)
        head = b"".join((id_, hash_, each.meta.wire if each.meta else NULL, updated, self._written))
        out = self._rows.get(opened.type)
        if out is None:
            out = self._rows[opened.type] = [[] for _ in made.tables]
        self._encode(made, each, key, head, patient, out)
        for sensitivity, elements in (each.rest or {}).items():
            self._rest.append(
                b"".join(
                    (
                        b"\x00\x05",
                        text_wire(opened.type),
                        key,
                        text_wire(sensitivity),
                        patient,
                        bytes_wire(elements),
                    )
                )
            )

    def _encode(
        self,
        made: Mapping,
        each: Shredded,
        key: bytes,
        head: bytes,
        patient: bytes,
        out: list[list[bytes]],
    ) -> None:
        before = [len(rows) for rows in out]
        while True:
            try:
                made.encode(each.tree or (), key, head, patient, out, self._attach)
            except NeedsEntry as needs:
                # A target that is there, but not of a type this column leads to.
                self._dictionary.references([needs.ref])
                for rows, count in zip(out, before, strict=True):
                    del rows[count:]
            else:
                return

    def _attach(self, content: Blob, patient: bytes) -> bytes:
        key = content.key(self._owner)
        if key not in self.attachments:
            self.attachments[key] = b"".join(
                (b"\x00\x03", key_wire(key), patient, bytes_wire(content.data))
            )
        return key_wire(key)

    def _add_generic(
        self, each: Shredded, key: bytes, patient: bytes, head: tuple[bytes, bytes, bytes]
    ) -> None:
        id_, hash_, updated = head
        ref = NULL
        if each.patient is not None and (patient == NULL or not each.patient.canonical):
            if each.patient.id is None:
                self._dictionary.references([each.patient])
            ref = each.patient.text_wire()
        (elements,) = (each.rest or {}).values()
        self._generic.append(
            b"".join(
                (
                    b"\x00\x09",
                    text_wire(each.opened.type),
                    key,
                    patient,
                    id_,
                    hash_,
                    updated,
                    self._written,
                    ref,
                    bytes_wire(elements),
                )
            )
        )

    def send(self, connection: Connection[Any]) -> None:
        """Copy all rows, parents before their children."""
        self._send_attachments(connection)
        for type_ in RESOURCES:
            if type_ in self._rows:
                made = mapping(type_)
                for of, rows in zip(made.tables, self._rows[type_], strict=True):
                    if rows:
                        copy_rows(connection, of.table.name, of.table.info["wire_order"], rows)
        if self._generic:
            copy_rows(connection, "resource", _RESOURCE, self._generic)
        if self._rest:
            copy_rows(connection, "rest", _REST, self._rest)

    def _send_attachments(self, connection: Connection[Any]) -> None:
        if not self.attachments:
            return
        there = connection.execute(
            "SELECT attachment_id, patient_id IS NULL FROM attachment"
            " WHERE attachment_id = ANY(%s)",
            [[UUID(bytes=key) for key in self.attachments]],
        )
        for found, alone in there.fetchall():
            row = self.attachments.pop(found.bytes)
            patient = row[_PATIENT]
            if alone and not row.startswith(NULL, _PATIENT.start - 4):
                connection.execute(
                    "UPDATE attachment SET patient_id = %s WHERE attachment_id = %s",
                    [UUID(bytes=patient), found],
                )
        copy_rows(connection, "attachment", _ATTACHMENT, self.attachments.values())


def patient_wire(each: Shredded) -> bytes:
    """The key of the patient whose compartment a resource is in, where that patient is there."""
    ref = each.patient
    if ref is not None and ref.known and ref.table == "patient":
        return key_wire(ref.key or b"")
    return NULL


def _owner_wire(each: Shredded) -> bytes:
    """The key of the patient, whether there or yet to come: so attachments are the same in any
    order."""
    ref = each.patient
    if ref is not None and ref.table == "patient" and ref.key is not None:
        return key_wire(ref.key)
    return NULL
