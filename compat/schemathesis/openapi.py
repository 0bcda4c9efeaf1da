"""Fetches the OpenAPI documents of the server."""

import functools
import json
import urllib.error
import urllib.request

import context
import example

NAMES = ("codearts", "iam", "gitlab", "github", "gitea", "bitbucket", "native", "operations")
# The header of the credential, by document.
CREDENTIAL = {name: "X-Auth-Token" for name in NAMES if name != "operations"} | {"gitlab": "PRIVATE-TOKEN"}


def address(name, language="en"):
    return f"{context.server.urls['http']}/openapi/{name}.json?language={language}"


@functools.cache
def document(name, language="en"):
    with urllib.request.urlopen(address(name, language)) as response:
        return json.load(response)


def operations(name):
    """Path, method and operation of every operation in a document."""
    for path, item in document(name)["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def credential(name):
    header = CREDENTIAL.get(name)
    if not header:
        return {}
    return {header: repository_token() if name == "bitbucket" else context.server.token}


@functools.cache
def repository_token():
    """A token of the example's repository: addresses of Bitbucket's old API name no repository."""
    limits = ("--scope", "report", "--repo", str(example.REPOSITORY), "--expires", "1d")
    return context.server.cli("token", "create", "bitbucket", *limits)["token"]


def request(method, url, headers, body=None):
    """Sends a request; returns status, headers and body, whatever the status."""
    data = None if body is None else json.dumps(body).encode()
    if data is not None:
        headers = headers | {"Content-Type": "application/json"}
    request = urllib.request.Request(url, data=data, method=method.upper(), headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.status, response.headers, response.read()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.headers, refused.read()
