"""What goes out of the house: pictures (``pictures``, drawn with ``svg``) and reports (``report``).

All of it are pure functions from structs of ``query`` and ``analysis`` to text.
"""
