"""Does our database say what the peer's says? See docs/reference/differences.md for where it must not."""
