"""A repository that is described with what SDKs escape each in its own way, in the query and in what they sign."""

import functools

from preparing import ask

WORDS = "~*+ ;@/:&=%2A#?,!'()$|ü任务𐍈"
ID = 2111970001
# What the programs search for.
SETTINGS = {"ODD_WORDS": WORDS}


@functools.cache
def prepare(server):
    """Once: the suites share a server."""
    ask(server, "POST", "repositories", {"id": ID, "path": "odd/words", "description": WORDS})
