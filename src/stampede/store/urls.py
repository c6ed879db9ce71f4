"""Which kind of database a URL names, in the form of SQLAlchemy (https://docs.sqlalchemy.org/en/20/core/engines.html)."""

from __future__ import annotations

import re
from typing import Final, Literal
from urllib.parse import urlsplit, urlunsplit

from stampede.errors import UsageError
from stampede.words import masked

Kind = Literal["sqlite", "postgresql", "mariadb"]

_SCHEMES: Final[dict[str, Kind]] = {
    "sqlite": "sqlite",
    "sqlite+pysqlite": "sqlite",
    "postgresql": "postgresql",
    "postgresql+psycopg": "postgresql",
    "mysql": "mariadb",
    "mysql+pymysql": "mariadb",
    "mariadb": "mariadb",
    "mariadb+pymysql": "mariadb",
}
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*(?=://)")
FORMS: Final = "sqlite:///FILE, postgresql+psycopg://USER@HOST/DATABASE or mysql+pymysql://USER@HOST/DATABASE"


def kind_of(url: str) -> Kind:
    """The kind of database behind a URL. Raises UsageError for one that we have no store for."""
    scheme = _SCHEME.match(url)
    kind = _SCHEMES.get(scheme[0].lower()) if scheme is not None else None
    if kind is None:
        raise UsageError(f"{shown(url)} is no database that Stampede knows. Write {FORMS}.")
    return kind


def is_server(url: str) -> bool:
    """Whether a URL names a database behind a server, not a file. False for what is no URL of a database."""
    scheme = _SCHEME.match(url)
    return scheme is not None and _SCHEMES.get(scheme[0].lower()) in ("postgresql", "mariadb")


def shown(url: str) -> str:
    """The URL without its password, for messages."""
    try:
        parts = urlsplit(url)
        if parts.password is None:
            return masked(url)
    except ValueError:
        return masked(url)
    place = parts.netloc.rpartition("@")[2]
    return masked(urlunsplit(parts._replace(netloc=f"{parts.username or ''}:***@{place}")))
