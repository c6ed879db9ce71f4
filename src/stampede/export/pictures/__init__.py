"""The pictures of a run: each takes its data from ``query.pictures`` and gives an SVG drawing."""
