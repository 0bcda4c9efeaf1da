"""The one server that all tests of a run share."""

server = None
