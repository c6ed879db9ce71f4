"""Serve pegasus-service's application over plain HTTP to a made-up user; PAM, TLS and switching of users are left out.

Runs in the peer's interpreter; only calls it. Usage: service.py PORT
"""

import os
import sys

from Pegasus import user
from Pegasus.service.server import create_app


def main():
    """The user is whoever runs this, by the name demo, with $HOME."""
    demo = user.User(os.getuid(), os.getgid(), "demo", os.environ["HOME"])
    user.get_user_by_username = user.get_user_by_uid = lambda _: demo
    app = create_app({"AUTHENTICATION": "NoAuthentication", "PROCESS_SWITCHING": False})
    app.run(port=int(sys.argv[1]), threaded=True)


if __name__ == "__main__":
    main()
