"""Sends reports with Buildbot's reporters and its HTTP client, without a master: `python buildbot_client.py URL`.

Standard input has a JSON list of groups. The reports of a group are sent at the same time, and the groups one after
another. A report names the reporter in `host`, the token, the path of the repository, and the rest of what the reporter
sends. The output has a JSON list of a list for each group: status and body of every response.
"""

import json
import sys

from buildbot.plugins import reporters
from buildbot.process.properties import Properties
from buildbot.util import httpclientservice, service
from twisted.internet import defer, reactor, task


class Master(service.MasterService):
    """What the reporters need of a master to send."""

    name = "master"

    def __init__(self):
        super().__init__()
        self.reactor = reactor


def github(url, token):
    return reporters.GitHubStatusPush(token=token, baseURL=url, generators=[])


def gitea(url, token):
    return reporters.GiteaStatusPush(token=token, baseURL=url, generators=[])


def bitbucket_old(url, token):
    return reporters.BitbucketServerStatusPush(url, user="ci", password=token, generators=[])


def bitbucket(url, token):
    return reporters.BitbucketServerCoreAPIStatusPush(url, token=token, generators=[])


HOSTS = {"github": github, "gitea": gitea, "bitbucket-old": bitbucket_old, "bitbucket": bitbucket}


class Client:
    """The reporters, each configured once for each token."""

    def __init__(self, url):
        self.url, self.master, self.configured = url, Master(), {}

    @defer.inlineCallbacks
    def start(self):
        yield self.master.startService()
        self.master.httpservice = yield httpclientservice.HTTPClientService.getService(self.master, "")

    @defer.inlineCallbacks
    def reporter(self, host, token):
        if (host, token) not in self.configured:
            reporter = HOSTS[host](self.url, token)
            # It configures itself as a master has it do, but is not started: nothing builds here.
            reporter.parent = self.master
            yield reporter.configureService()
            self.configured[host, token] = reporter
        return self.configured[host, token]

    @defer.inlineCallbacks
    def send(self, host, token, repository, sha, state, name, link, number=None):
        reporter = yield self.reporter(host, token)
        owner, repo = repository.split("/")
        if host == "github":
            props = Properties()
            props.master = self.master
            response = yield reporter.createStatus(owner, repo, sha, state, props, link, context=name)
        elif host == "gitea":
            response = yield reporter.createStatus(owner, repo, sha, state, link, context=name)
        elif host == "bitbucket-old":
            response = yield reporter.createStatus(sha, state, link, name, context=f"Build {name}")
        else:
            response = yield reporter.createStatus(
                proj_key=owner.upper(),
                repo_slug=repo,
                sha=sha,
                state=state,
                url=link,
                key=name,
                parent="plan",
                build_number=number,
                ref="refs/heads/main",
                description=None,
                name=f"Build {name}",
                duration=None,
                test_results={"failed": 0, "skipped": 1, "successful": 2},
            )
        body = yield response.content()
        return response.code, body.decode()

    @defer.inlineCallbacks
    def stop(self):
        yield self.master.stopService()


@defer.inlineCallbacks
def main(reactor, url):
    client = Client(url)
    yield client.start()
    groups = []
    for group in json.load(sys.stdin):
        # Before anything is sent, so that the reports of a group start at the same time.
        for report in group:
            yield client.reporter(report["host"], report["token"])
        sent = yield defer.gatherResults([client.send(**report) for report in group])
        groups.append(sent)
    yield client.stop()
    print(json.dumps(groups))


if __name__ == "__main__":
    task.react(main, sys.argv[1:])
