"""A finished run, once more: its directory comes into being again at the pace of its own times, as if it ran now.

==========  ========================================================================
``script``  the directory taken apart: what was there before, which lines came when
``times``   recorded times to those of now: faster, long pauses cut short
``stamps``  text with its time stamps, uuids and folders moved to those of now
``replay``  the play itself
==========  ========================================================================
"""

from __future__ import annotations

from stampede.replaying.replay import Played, Replay

__all__ = ["Played", "Replay"]
