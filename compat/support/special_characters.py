"""A repository whose description has the characters that SDKs escape differently, in the query and in what they
sign.
"""

import functools

from native_api import request

TEXT = "~*+ ;@/:&=%2A#?,!'()$|ü任务𐍈"
ID = 2111970001
# The text that the programs search for.
SETTINGS = {"SPECIAL_CHARACTERS": TEXT}


@functools.cache
def prepare(server):
    """Creates it once: the suites share a server."""
    request(server, "POST", "repositories", {"id": ID, "path": "odd/words", "description": TEXT})
