"""The guard: what each request goes through before it is answered, and what is written down about it.

::

    request ─► proxies ─► hosts ─► limits ─► credentials ─► rights ─► the application
               who sent   by what  not too    who it is     may it    (with a limit of time)
               it         name     often                                    │
                                                       audit, figures ◄─────┴─► headers

===============  =====================================================================================================
``guard``        the order of all this, around the application
``origin``       where a request came from, also through a reverse proxy that is trusted
``neighbour``    which user of this machine is behind a connection from it
``hosts``        by which names the service may be called (against DNS rebinding)
``limits``       how often, how much at once
``credentials``  who asks: tokens, passwords, a trusted proxy's word, sessions of browsers, the user's own processes
``tokens``       the file of tokens: only hashes of them
``passwords``    the file of passwords for HTTP basic
``sessions``     browsers that have shown a credential, and links for the first visit
``headers``      what browsers are told to refuse
``audit``        who did what, when, from where, and what came of it
``asgi``         the types of ASGI
``refusal``      why a request goes no further
===============  =====================================================================================================
"""
