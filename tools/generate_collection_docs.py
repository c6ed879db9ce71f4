"""Write ``docs/reference/collections.md``: every list that can be asked for, with its columns, from the code.

python tools/generate_collection_docs.py            write the page
python tools/generate_collection_docs.py --check    exit 1 when it differs from what would be written
"""

from __future__ import annotations

import sys
from pathlib import Path

from stampede.query.collections import COLLECTIONS, MOST, PAGE, Collection, Column
from stampede.query.filters import MOST_CONDITIONS, MOST_STARS, MOST_VALUES

PAGE_FILE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "collections.md"
_HEAD = f"""# Lists and their columns

Written by `tools/generate_collection_docs.py` from `src/stampede/query/collections`.

The same lists, under the same names and with the same columns, are those of the [Python API](python.md)
(`wf.jobs("state=failed")`) and of the REST interface. They differ in what they are of: one workflow, a workflow with
all below it, all of a database or of several.

## Filters

    state=failed&duration_s>=60&transformation~=mProject*

Conditions, all of which have to hold, separated by `&`: a column, an operator, a value.

| operator | holds when the value of the column |
|---|---|
| `=` | is the value, or one of several (`state=failed,queued`) |
| `!=` | is none of them, or there is none |
| `<` `<=` `>` `>=` | is less, at most, more, at least |
| `~=` | is like a pattern, or one of several: `*` is any text, `?` one character |
| `!~` | is like none of them, or there is none |

`null` stands for no value: `exit=null`, `site!=null`. A value that holds `&`, `,` or `"`, begins with `=`, `<`, `>`
or `~`, or has blanks around it is written in quotes: `reason="a, b"`, with `\\"` and `\\\\` for a quote and a
backslash in it. Upper and lower case differ. At most {MOST_CONDITIONS} conditions, {MOST_VALUES} values, and
{MOST_STARS} asterisks in a pattern.

| kind of column | values |
|---|---|
| text | any; where words are given, only these |
| integer, number | `3`, `0.5`, `1e3`; in seconds where the name ends in `_s`, bytes `_bytes`, KB `_kb`, MB `_mb` |
| time | RFC 3339 with a zone (`2026-11-21T21:30:00Z`), or epoch seconds |
| boolean | `true`, `false` |
| exit | an exit code (`1`), or a signal by name (`SIGKILL`) or number (`signal:9`); `=` and `!=` only |

An error names the place in the filter, what is known there, and what may have been meant.

## Order, pages, search

`sort=-duration_s,name` sorts by columns, those with `-` the largest first; rows without a value come last either way,
and rows that are equal in all of them by their key. Each list has an order of its own otherwise.

A page has {PAGE} rows unless told otherwise, at most {MOST:,}. Its `next` is the cursor of the rows after it, which
cost the same however far down the list they are; what is added meanwhile neither moves nor doubles a row. A cursor
belongs to the filter, order and workflow it was given for, and is refused with another. `total` is how many rows the
whole list has, where the database keeps that number.

`search` (REST: `q`) looks for a text, in upper or lower case, in the columns marked *searched*; in `jobs` and
`job_instances` also in the output of tries that failed.

Columns marked *quick* are read in the order of an index, also of a million jobs. By others a list can be sorted too;
that reads all rows that the filter leaves.
"""


def render() -> str:
    """The page."""
    parts = [_HEAD, "## Lists", "", "| list | |", "|---|---|"]
    parts += [f"| [`{c.name}`](#{c.name}) | {c.note} |" for c in COLLECTIONS.values()]
    for collection in COLLECTIONS.values():
        parts += ["", *_collection(collection)]
    return "\n".join(parts) + "\n"


def _collection(collection: Collection) -> list[str]:
    order = f"In the order of `{collection.sort}`" if collection.sort else "In the order in which they came"
    parts = [f'<a id="{collection.name}"></a>', f"### {collection.name}", "", collection.note, "",
             f"{order} unless told otherwise.", "", "| column | kind | | |", "|---|---|---|---|"]  # fmt: skip
    return parts + [_column(column) for column in collection.columns]


def _column(column: Column) -> str:
    quick = column.walk or column.walk_one or column.walk_all
    marks = [mark for mark, held in (("quick", quick), ("searched", column.searched)) if held]
    if not column.sortable:
        marks.append("not to sort by" if column.filterable else "only to read")
    note = column.note + (f": {', '.join(f'`{w}`' for w in column.words)}" if column.words else "")
    kind = column.kind + (" or null" if column.nullable else "")
    return f"| `{column.name}` | {kind} | {', '.join(marks)} | {note} |"


def main() -> int:
    text = render()
    if "--check" in sys.argv[1:]:
        if not PAGE_FILE.exists() or PAGE_FILE.read_text() != text:
            print(f"{PAGE_FILE} is stale: run python tools/generate_collection_docs.py", file=sys.stderr)
            return 1
        return 0
    PAGE_FILE.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
