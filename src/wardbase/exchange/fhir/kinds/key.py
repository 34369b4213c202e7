"""Keys of resources, and hashes of contents, as UUIDs."""

import hashlib
import re

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-79a-f][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")


def hashed(content: bytes) -> bytes:
    """A version 8 UUID (RFC 9562 section 5.8) of the SHA-256 of the content."""
    digest = bytearray(hashlib.sha256(content).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x80
    digest[8] = digest[8] & 0x3F | 0x80
    return bytes(digest)


def is_key(id_: str) -> bool:
    """Whether an id is its own key: a canonical UUID, and not of the version our hashes have."""
    return _UUID.fullmatch(id_) is not None


def key_of(type_: str, id_: str) -> bytes:
    """The key of a resource: its id where that is a UUID, else a hash of `Type/id`."""
    return bytes.fromhex(id_.replace("-", "")) if is_key(id_) else hashed(f"{type_}/{id_}".encode())


def uuid_text(key: bytes) -> str:
    """A key as people write it."""
    h = key.hex()
    return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"


def key_wire(key: bytes) -> bytes:
    """A key as PostgreSQL takes it."""
    return b"\x00\x00\x00\x10" + key
