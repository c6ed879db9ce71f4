"""How events travel between machines.

::

    publishers ─► topic exchange, folder, socket ─► loaders (share the work by root workflow)
                                                 └► subscribers (a copy each)

``base``        what every bus promises
``message``     what travels: numbered records of one publisher about one root workflow
``memory``      within one process        ``file``  a folder         ``socket``  unix or TCP, the loader listens
``amqp``        RabbitMQ
``topics``      patterns of names, levels of detail
``address``     which bus a URL names
"""

from stampede.bus.address import open_bus
from stampede.bus.base import LOADERS, WHOLE, Bus, Consumer, Part, Publisher
from stampede.bus.errors import BusError, BusFullError
from stampede.bus.message import Buried, Delivery, Message

__all__ = [
    "LOADERS",
    "WHOLE",
    "Buried",
    "Bus",
    "BusError",
    "BusFullError",
    "Consumer",
    "Delivery",
    "Message",
    "Part",
    "Publisher",
    "open_bus",
]
