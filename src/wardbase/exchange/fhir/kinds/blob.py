"""The bytes of attachments."""

import base64
import binascii
import hashlib

from wardbase.exchange.fhir.kinds.key import hashed


class Blob:
    """The bytes of an Attachment."""

    __slots__ = ("data", "text")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.text = base64.b64encode(data).decode()

    def key(self, patient: bytes) -> bytes:
        """What the bytes are kept under: one patient's attachments are never another's."""
        return hashed(patient + hashlib.sha256(self.data).digest())


def blob(text: str) -> Blob | None:
    """The bytes of base64 text; None if it is not written as we would write it."""
    try:
        made = Blob(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        return None
    return made if made.data and made.text == text else None
