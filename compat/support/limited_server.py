"""Tests at a server of their own, which limits rates."""

import unittest

import context
from server import Server


class LimitedServer(unittest.TestCase):
    """`options` of a subclass are the limits, as arguments of `serve`."""

    options = ()

    @classmethod
    def setUpClass(cls):
        cls.server = Server(context.server.binary, context.server.store, cls.options)
        cls.addClassCleanup(cls.server.remove)
        cls.addClassCleanup(cls.server.stop)
        cls.server.wait_until_ready()
