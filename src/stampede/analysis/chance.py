"""How probable it is that counts differ so by chance alone: exact tests of drawing without putting back."""

from __future__ import annotations

from math import erfc, exp, lgamma, sqrt
from typing import Final

#: of more tables than this the normal approximation is as good
_EXACT: Final = 20_000


def log_choose(n: int, k: int) -> float:
    """The logarithm of the number of ways to choose ``k`` of ``n``; minus infinity where there is none."""
    if k < 0 or k > n:
        return float("-inf")
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def log_drawn(hit: int, drawn: int, marked: int, total: int) -> float:
    """The logarithm of the probability that ``hit`` of ``drawn`` are among ``marked`` of ``total``: hypergeometric."""
    return log_choose(marked, hit) + log_choose(total - marked, drawn - hit) - log_choose(total, drawn)


def at_least(hit: int, drawn: int, marked: int, total: int) -> float:
    """The probability that at least ``hit`` of ``drawn`` are among ``marked`` of ``total``."""
    found = 0.0
    for k in range(hit, min(drawn, marked) + 1):
        term = exp(log_drawn(k, drawn, marked, total))
        found += term
        if term <= found * 1e-12:
            break
    return min(1.0, found)


def shares_p(old: tuple[int, int], new: tuple[int, int]) -> float:
    """The two-sided probability (Fisher's exact test) that two shares, each ``(hits, of)``, differ so by chance."""
    (a, n), (b, m) = old, new
    hits = a + b
    if not n or not m:
        return 1.0
    low, high = max(0, hits - m), min(hits, n)
    if high - low > _EXACT:
        return _normal(a, n, b, m)
    own = log_drawn(a, hits, n, n + m)
    weights = (log_drawn(x, hits, n, n + m) for x in range(low, high + 1))
    return min(1.0, sum(exp(weight) for weight in weights if weight <= own + 1e-9))


def _normal(a: int, n: int, b: int, m: int) -> float:
    common = (a + b) / (n + m)
    variance = common * (1 - common) * (1 / n + 1 / m)
    return erfc(abs(a / n - b / m) / sqrt(2.0 * variance)) if variance > 0 else 1.0
