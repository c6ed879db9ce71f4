"""WHAT CAN BE ASKED: every question, beside the struct that answers it. All SQL that reads lives here.

Questions take a ``Reader`` (:func:`open_database`) and return structs; they know neither events nor who asks.
"""

from stampede.store.sqlite import Reader
from stampede.store.sqlite import open_reader as open_database

__all__ = ["Reader", "open_database"]
