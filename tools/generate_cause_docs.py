"""Write ``docs/reference/causes.md``: every cause that triage names, from ``analysis/rules.toml``.

python tools/generate_cause_docs.py            write the page
python tools/generate_cause_docs.py --check    exit 1 when it differs from what would be written
"""

from __future__ import annotations

import sys
from pathlib import Path

from stampede.analysis.rules import CauseKind, Rule, causes, rules

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "causes.md"
_HEAD = """# Causes

Written by `tools/generate_cause_docs.py` from `src/stampede/analysis/rules.toml`.

What `stampede triage` names, in the order of that file. `label` stands in its JSON; `kind` is the label or a closer
word for it. Which fact comes before which is code (`analysis/judge.py`, `engine.py`, `pool.py`, `pace.py`); what a
pattern or a code can tell is a rule, listed under its cause.
"""


def render() -> str:
    """The page."""
    listed = [rule for rule in rules() if rule.label]
    parts = [_HEAD, "| label | in words | trying again |", "|---|---|---|"]
    for kind in causes().values():
        parts.append(
            f"| [`{kind.label}`](#{kind.label}) | {kind.title} | {'may help' if kind.retry else 'cannot help'} |"
        )
    for kind in causes().values():
        parts += ["", *_cause(kind, [rule for rule in listed if rule.label == kind.label])]
    ignored = [rule for rule in rules() if not rule.label]
    parts += [
        "",
        "## Only consequences",
        "",
        "Facts that these rules recognise follow from something that is told itself.",
        "",
    ]
    parts += [_rule(rule) for rule in ignored]
    return "\n".join(parts) + "\n"


def _cause(kind: CauseKind, own: list[Rule]) -> list[str]:
    parts = [
        f"## {kind.label}",
        "",
        f"{kind.title[:1].upper()}{kind.title[1:]}. {kind.means}",
        "",
        f"Next: {kind.next}",
    ]
    if kind.command:
        parts += ["", f"    {kind.command}"]
    if kind.under:
        parts += ["", f"A closer word (`kind`) for {', '.join(f'`{label}`' for label in kind.under)}."]
    parts += ["", "Seen in:", "", *(f"* {one}" for one in kind.seen)]
    if own:
        parts += ["", "Rules:", "", *(_rule(rule) for rule in own)]
    return parts


def _rule(rule: Rule) -> str:
    said = [f"`{rule.id}` ({rule.place})"]
    if rule.codes:
        said.append(f"hold codes {', '.join(map(str, rule.codes))}" + (f", or `{rule.says}`" if rule.says else ""))
    if rule.exits:
        said.append(f"exit codes {', '.join(map(str, rule.exits))}")
    if rule.match:
        said.append(f"`{rule.match}`")
    if rule.unless:
        said.append(f"and not `{rule.unless}`")
    return f"* {'; '.join(said)}. Seen: {rule.seen}."


def main() -> int:
    text = render()
    if "--check" in sys.argv[1:]:
        if not PAGE.exists() or PAGE.read_text() != text:
            print(f"{PAGE} is stale: run python {Path(__file__).name}", file=sys.stderr)
            return 1
        return 0
    PAGE.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
