"""The live stream under load: one who writes, the service, and those who listen, a process each.

``writer``  changes at a rate, committed in small transactions; each change carries the time at which it was made
``serving`` the service, as it is
``clients`` all listeners in one event loop: some measure, some leave and come back, all count
``case``    starts them, and says what came of it
"""
