"""A run, or many, as HTML: one file each, which needs nothing else.

``page`` puts together what ``header``, ``causes`` and ``tables`` write; ``gallery`` is the page of many runs.
``style.css`` and ``script.js`` go into every page. Text from outside is escaped where it enters (:func:`html.text`).
"""
