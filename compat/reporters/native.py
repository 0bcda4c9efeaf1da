"""What the server recorded, read through its native API: the GitLab dialect does not vouch for itself."""

import functools
import uuid

import requests
import stand


def revision():
    """A commit that nobody has reported on."""
    return uuid.uuid4().hex + "00000000"


@functools.cache
def repository(path):
    """The repository at `path`, made the first time it is asked for."""
    return stand.server.cli("repo", "add", path, "--default-branch", "main")


@functools.cache
def user(name):
    return stand.server.cli("user", "add", name)


@functools.cache
def token(scope, path, of=None):
    """A personal token for one repository; the administrator's, or that of another user, who becomes a member."""
    repository(path)
    owner = ()
    if of:
        user(of)
        stand.server.cli("member", "set", of, scope, "--repo", path)
        owner = ("--user", of)
    made = stand.server.cli(
        "token", "create", f"{scope} {path}", "--scope", scope, "--repo", path, "--expires", "1d", *owner
    )
    return made["token"]


class Native:
    """One repository."""

    def __init__(self, path):
        self.id = repository(path)["id"]

    def pipelines(self, sha):
        return self._ask("GET", "pipelines", params={"sha": sha})["pipelines"]

    def jobs(self, pipeline):
        """Every attempt, ascending by id."""
        found = self._ask("GET", f"pipelines/{pipeline}/jobs", params={"limit": 100})
        assert found["total"] == len(found["jobs"]), "more than one page"
        return found["jobs"]

    def report(self, reports):
        """One report gives its receipt; a list of them gives a list."""
        answers = self._ask("POST", "reports", json=reports)
        if isinstance(reports, dict):
            return answers
        refused = [answer for answer in answers if answer["code"] != 201]
        assert not refused, refused[0]
        return [answer["receipt"] for answer in answers]

    def _ask(self, method, path, **more):
        url = f"{stand.server.urls['http']}/native/v1/repositories/{self.id}/{path}"
        with requests.Session() as session:
            session.trust_env = False
            session.headers["PRIVATE-TOKEN"] = stand.server.token
            answer = session.request(method, url, timeout=60, **more)
        assert answer.ok, f"{method} {url}: {answer.status_code} {answer.text}"
        return answer.json()
