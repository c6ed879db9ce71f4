"""The three forms of a stream of events: ``bp`` (NetLogger best practice lines), ``jsonl`` and ``bson``."""
