"""The native API and the IAM calls that prepare a test."""

import json
import urllib.request

SECONDS = 60


def ask(server, method, path, body):
    """What the administrator's request is answered; None without a body."""
    _, answer = send(server, method, f"/native/v1/{path}", body, {"X-Auth-Token": server.token})
    return answer


def look(server, path):
    """What the administrator reads there, in any dialect."""
    _, answer = send(server, "GET", path, None, {"X-Auth-Token": server.token})
    return answer


def temporary_key(server):
    """An access key that lives fifteen minutes, as IAM makes it of a token: `access`, `secret` and `securitytoken`."""
    user = {"domain": {"name": "stagepost"}, "name": server.user, "password": server.password}
    auth = {"identity": {"methods": ["password"], "password": {"user": user}}}
    headers, _ = send(server, "POST", "/v3/auth/tokens", {"auth": auth}, {})
    identity = {"methods": ["token"], "token": {"duration_seconds": 900}}
    path, token = "/v3.0/OS-CREDENTIAL/securitytokens", headers["X-Subject-Token"]
    _, answer = send(server, "POST", path, {"auth": {"identity": identity}}, {"X-Auth-Token": token})
    return answer["credential"]


def temporary_environment(server):
    """The same for a program in another language."""
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
    # No proxy, whatever the environment says. It raises on what is no success.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=SECONDS) as answer:
        text = answer.read()
        return answer.headers, json.loads(text) if text else None
