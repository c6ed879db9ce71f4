"""Write ``docs/reference/metrics.md``: every metric of the service, from ``service/metrics.py``.

python tools/generate_metric_docs.py            write the page
python tools/generate_metric_docs.py --check    exit 1 when it differs from what would be written
"""

from __future__ import annotations

import sys
from pathlib import Path

from stampede.service.figures import BOUNDS
from stampede.service.metrics import FAMILIES

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "metrics.md"
_HEAD = """# Metrics

Written by `tools/generate_metric_docs.py` from `src/stampede/service/metrics.py`.

`GET /metrics` answers with OpenMetrics text 1.0. It needs a credential with the right `monitor` (or `admin`):

    stampede serve token create --right monitor --expires never --note prometheus

```yaml
scrape_configs:
  - job_name: stampede
    authorization: {credentials_file: /etc/prometheus/stampede.token}
    static_configs: [{targets: ["localhost:8642"]}]
```

Figures about workflows are sums over all databases that are served, as there may be one for each run; they go down
when databases are taken away, which Prometheus takes for a restart of the counter. A database is asked again only when
it has changed. Figures of requests count since the start of the service.

| metric | kind | labels | what it says |
|---|---|---|---|"""


def render() -> str:
    """The page."""
    lines = [_HEAD]
    for family in FAMILIES.values():
        name = family.name + {"counter": "_total", "info": "_info"}.get(family.kind, "")
        lines.append(f"| `{name}` | {family.kind} | {', '.join(family.labels) or '-'} | {family.help} |")
    lines += ["", f"Buckets of histograms end at {', '.join(f'{bound:g}' for bound in BOUNDS)} s.", ""]
    return "\n".join(lines)


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
