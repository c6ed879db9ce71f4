"""Bodies as they were before they were packed, and what a sender is told when they cannot be unpacked."""

from __future__ import annotations

from stampede import coding
from stampede.service.problems import ProblemError


def unpacked(body: bytes, encoding: str, limit: int) -> bytes:
    """The body of a request with that ``Content-Encoding``.

    Raises ProblemError: 413 when it is larger than ``limit`` bytes, 415 for an encoding that is not known, 400 for
    bytes that are not in it.
    """
    try:
        return coding.unpacked(body, encoding, limit)
    except coding.TooLargeError as e:
        message = f"A batch has at most {limit} bytes when it is unpacked; send smaller ones."
        raise ProblemError(413, "size", message) from e
    except coding.UnknownCodingError as e:
        if encoding.strip().lower() == "zstd":
            message = "This service cannot unpack zstd: it needs Python 3.14 or the package zstandard. Send gzip."
        else:
            message = f"Bodies packed as {encoding.strip().lower()[:40]} are not taken; send gzip, zstd or none."
        raise ProblemError(415, "media-type", message) from e
    except coding.DamagedError as e:
        raise ProblemError(400, "body", f"The body cannot be unpacked: {str(e)[:200]}.") from e
