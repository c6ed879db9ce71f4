"""What the service answers, how fast, at a million jobs: a database, a server process, clients, the peer."""
