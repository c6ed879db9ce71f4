"""What browsers are told to refuse, with every answer.

What an answer says itself is left as it is: a page that has its style inside says which one that is.
"""

from __future__ import annotations

from typing import Final

from stampede.service.guard.asgi import Headers

#: nothing from elsewhere, nothing inside another's page, no plugin; what a page has inside does not run
POLICY: Final = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    b"connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
ALWAYS: Final[Headers] = [
    (b"content-security-policy", POLICY),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
    (b"cache-control", b"no-store"),
]
#: only over TLS, where the browser may hold us to it for a year
SECURE: Final[Headers] = [(b"strict-transport-security", b"max-age=31536000")]


def hardened(fields: Headers, *, secure: bool) -> Headers:
    """The headers of an answer with what they lack."""
    said = {name.lower() for name, _ in fields}
    return [*fields, *((n, v) for n, v in (ALWAYS + SECURE if secure else ALWAYS) if n not in said)]
