"""Reads what the server recorded through its native API, independently of the GitLab dialect."""

import functools
import uuid

import context
import requests


def revision():
    """A new commit."""
    return uuid.uuid4().hex + "00000000"


@functools.cache
def repository(path):
    """The repository at `path`, created by the first call."""
    return context.server.cli("repo", "add", path, "--default-branch", "main")


@functools.cache
def user(name):
    return context.server.cli("user", "add", name)


@functools.cache
def token(scope, path, of=None):
    """A personal token for one repository, of the administrator or of another user, who becomes a member."""
    repository(path)
    owner = ()
    if of:
        user(of)
        context.server.cli("member", "set", of, scope, "--repo", path)
        owner = ("--user", of)
    created = context.server.cli(
        "token", "create", f"{scope} {path}", "--scope", scope, "--repo", path, "--expires", "1d", *owner
    )
    return created["token"]


class Native:
    """One repository."""

    def __init__(self, path):
        self.id = repository(path)["id"]

    def pipelines(self, sha):
        return self._request("GET", "pipelines", params={"sha": sha})["pipelines"]

    def jobs(self, pipeline):
        """Every attempt, ascending by id."""
        found = self._request("GET", f"pipelines/{pipeline}/jobs", params={"limit": 100})
        assert found["total"] == len(found["jobs"]), "more than one page"
        return found["jobs"]

    def report(self, reports):
        """Returns the receipt of one report, or the receipts of a list."""
        responses = self._request("POST", "reports", json=reports)
        if isinstance(reports, dict):
            return responses
        refused = [response for response in responses if response["code"] != 201]
        assert not refused, refused[0]
        return [response["receipt"] for response in responses]

    def _request(self, method, path, **more):
        url = f"{context.server.urls['http']}/native/v1/repositories/{self.id}/{path}"
        with requests.Session() as session:
            session.trust_env = False
            session.headers["PRIVATE-TOKEN"] = context.server.token
            response = session.request(method, url, timeout=60, **more)
        assert response.ok, f"{method} {url}: {response.status_code} {response.text}"
        return response.json()
