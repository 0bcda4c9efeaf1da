"""The server's OpenAPI documents, as its clients get them."""

import functools
import json
import urllib.error
import urllib.request

import stand

NAMES = ("codearts", "iam", "gitlab", "native", "operations")
# How each is asked by the administrator.
CREDENTIAL = {"codearts": "X-Auth-Token", "iam": "X-Auth-Token", "gitlab": "PRIVATE-TOKEN", "native": "X-Auth-Token"}


def address(name, language="en"):
    return f"{stand.server.urls['http']}/openapi/{name}.json?language={language}"


@functools.cache
def document(name, language="en"):
    with urllib.request.urlopen(address(name, language)) as answer:
        return json.load(answer)


def operations(name):
    """Path, method and operation of all that a document tells."""
    for path, item in document(name)["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def credential(name):
    header = CREDENTIAL.get(name)
    return {header: stand.server.token} if header else {}


def ask(method, url, headers, body=None):
    """Status, headers and body, whatever the status."""
    data = None if body is None else json.dumps(body).encode()
    if data is not None:
        headers = headers | {"Content-Type": "application/json"}
    request = urllib.request.Request(url, data=data, method=method.upper(), headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.headers, refused.read()
