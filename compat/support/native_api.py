"""Calls of the native API and of IAM that prepare a test."""

import json
import urllib.request

SECONDS = 60


def request(server, method, path, body):
    """Sends a request of the administrator; returns the body, or None without one."""
    _, response = send(server, method, f"/native/v1/{path}", body, {"X-Auth-Token": server.token})
    return response


def get(server, path):
    """Reads a resource as the administrator, in any dialect."""
    _, response = send(server, "GET", path, None, {"X-Auth-Token": server.token})
    return response


def temporary_key(server):
    """An access key that IAM issues for fifteen minutes: `access`, `secret` and `securitytoken`."""
    user = {"domain": {"name": "stagepost"}, "name": server.user, "password": server.password}
    auth = {"identity": {"methods": ["password"], "password": {"user": user}}}
    headers, _ = send(server, "POST", "/v3/auth/tokens", {"auth": auth}, {})
    identity = {"methods": ["token"], "token": {"duration_seconds": 900}}
    path, token = "/v3.0/OS-CREDENTIAL/securitytokens", headers["X-Subject-Token"]
    _, response = send(server, "POST", path, {"auth": {"identity": identity}}, {"X-Auth-Token": token})
    return response["credential"]


def temporary_environment(server):
    """The same as variables for a program in another language."""
    key = temporary_key(server)
    return {
        "TEMPORARY_AK": key["access"],
        "TEMPORARY_SK": key["secret"],
        "TEMPORARY_SECURITY_TOKEN": key["securitytoken"],
    }


def send(server, method, path, body, headers):
    headers = {"Content-Type": "application/json"} | headers
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(server.urls["http"] + path, data, headers, method=method)
    # Without a proxy, whatever the environment has. It raises unless the status is 2xx.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=SECONDS) as response:
        text = response.read()
        return response.headers, json.loads(text) if text else None
