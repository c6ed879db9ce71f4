"""A bus on RabbitMQ (AMQP 0-9-1). The only package that knows pika.

Decision 0022 says why it is laid out as it is. Each publisher, consumer and subscriber has a connection of its own;
after any error it is closed, and whoever uses it makes a new one.

``broker``     connections and errors       ``topology``  exchanges and queues    ``wire``  messages as AMQP has them
``publisher``  ``consumer``  ``subscriber``  who uses it   ``bus``  all of it
"""

from stampede.bus.amqp.broker import Broker
from stampede.bus.amqp.bus import AmqpBus
from stampede.bus.amqp.topology import Topology

__all__ = ["AmqpBus", "Broker", "Topology"]
