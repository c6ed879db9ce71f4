"""The terminal screen: all watched workflows, kept fresh, from the forest down to what one try of a job printed.

::

    app ──► forest ──Enter──► workflow ──Enter──► job ──Enter──► printed          the screens
              │                  │                 │                │
            listing            listing           listing          pager           what they are drawn with: both draw
              │                  │                 │                │             only the lines that are seen
              └──────────────── desk ──────────────┴────────────────┘              a thread for each that reads
                                 │
              watched ─► reading ─► tree            pages, longtext               what is read: pure, without textual

A screen never waits: it asks its desk, and is drawn again when the answer comes. A question opens the database, reads
one state of it and closes it; what goes wrong becomes a sentence on the screen. ``look`` has the signs and words,
``columns`` what fits into a width, ``news`` the worst that is to be said of a workflow.
"""
