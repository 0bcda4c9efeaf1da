"""Tells schemathesis how to generate NDJSON."""

import json

import schemathesis
from hypothesis import strategies as st

LINES = [
    {"type": "repository", "path": "acme/imported"},
    {
        "type": "pipeline",
        "repository_id": 2111976239,
        "sha": "0" * 40,
        "ref": "dev",
        "created_at": "2025-05-17T03:02:25Z",
    },
    {"sha": "1" * 40, "ref": "dev", "name": "lines", "status": "success"},
    {"type": "pipeline"},
    [],
    None,
]


def line():
    return st.sampled_from(LINES).map(json.dumps) | st.text(max_size=20)


schemathesis.openapi.media_type(
    "application/x-ndjson", st.lists(line(), max_size=4).map(lambda all: "\n".join(all).encode())
)
