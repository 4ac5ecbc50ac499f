"""Read what is in a zip file without being burst by it."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from itertools import pairwise
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, LargeZipFile, ZipFile, ZipInfo

from ingest.errors import UnreadableInput

# A hundred thousand names, which is what zipfile reads at once.
_MOST_DIRECTORY_BYTES = 16_000_000
_BLOCK_BYTES = 65_536
# Prose shrinks to a third, markup to a twentieth; what shrinks more is made to burst.
_MOST_SHRINKING = 200
_ALWAYS_ALLOWED_BYTES = 1_000_000
_ENCRYPTED = 0x1
_DAMAGE = (BadZipFile, LargeZipFile, zlib.error, EOFError, RuntimeError, ValueError, OSError)


def open_zip(file: BinaryIO) -> ZipFile:
    """Raises UnreadableInput for what is no zip file, or one made to burst."""
    try:
        archive = ZipFile(_Sparing(file))
    except _DAMAGE as error:
        raise UnreadableInput("is not a zip file, or is damaged: pack it again") from error
    if _do_overlap(archive.infolist()):
        archive.close()
        raise UnreadableInput("is not a valid zip file: the files in it overlap")
    return archive


def read_member(archive: ZipFile, member: ZipInfo, most_bytes: int) -> bytes:
    """Block by block: what the file says of its sizes may be a lie. Raises UnreadableInput."""
    if member.flag_bits & _ENCRYPTED:
        raise UnreadableInput("is encrypted: unpack the archive and name the folder")
    # The other methods unpack without a bound.
    if member.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise UnreadableInput("uses an unknown compression method: pack it with deflate")
    likely = max(_ALWAYS_ALLOWED_BYTES, member.compress_size * _MOST_SHRINKING)
    content = bytearray()
    try:
        with archive.open(member) as packed:
            while block := packed.read(_BLOCK_BYTES):
                content += block
                if len(content) > likely:
                    raise UnreadableInput("unpacks like a zip bomb: check what is in it")
                if len(content) > most_bytes:
                    raise UnreadableInput(f"unpacks to more than {most_bytes:,} bytes: split it")
    except _DAMAGE as error:
        raise UnreadableInput("is damaged: pack the archive again") from error
    return bytes(content)


class _Sparing:
    """A file of which little is read at once: zipfile would read a directory of any size."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def read(self, count: int = -1, /) -> bytes:
        if count > _MOST_DIRECTORY_BYTES:
            raise UnreadableInput("holds too many files for one archive: split it")
        return self._file.read(count)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def seekable(self) -> bool:
        return True


def _do_overlap(members: Sequence[ZipInfo]) -> bool:
    ordered = sorted(members, key=lambda member: member.header_offset)
    return any(
        one.header_offset + one.compress_size > other.header_offset
        for one, other in pairwise(ordered)
    )
