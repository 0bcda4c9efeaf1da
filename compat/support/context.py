"""The server that all tests of a run share, and the folder where their programs are built."""

server = None
folder = None
