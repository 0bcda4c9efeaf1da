"""The settings that `stagepost connect` prints are valid YAML, and their commands report every build of a commit, also
one that is built again, on the ref that the build system builds.
"""

import re
import subprocess
import tempfile
import unittest

import context
import native
import yaml
from server import clean_environment

PATH = "acme/connected"
COMMAND_SECONDS = 60
YAML = ("gitlab-ci", "github-actions", "woodpecker", "drone", "tekton", "argo", "jenkins-gitlab", "jenkins-github")
EXPRESSION = re.compile(r"\$\{\{ (.*?) \}\}")


class ConnectSettings(unittest.TestCase):
    def setUp(self):
        native.repository(PATH)
        folder = tempfile.TemporaryDirectory(prefix="stagepost-connect-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.git("init", "--quiet")
        # The name makes it another commit than that of the other tests.
        author = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        self.git(*author, "commit", "--quiet", "--allow-empty", "--message", native.revision())
        self.sha = self.git("rev-parse", "HEAD").strip()

    def git(self, *args):
        return self.run_command(["git", *args], HOME=self.folder)

    def run_command(self, command, **variables):
        done = subprocess.run(
            command,
            env=clean_environment(NO_PROXY="127.0.0.1", **variables),
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
        )
        self.assertEqual(done.returncode, 0, f"{command}: {done.stderr}")
        return done.stdout

    def snippets(self, name):
        settings = context.server.cli("connect", name, "--repo", PATH)
        return [(snippet["syntax"], snippet["text"]) for snippet in settings["snippets"]]

    def documents(self, name):
        return [yaml.safe_load(text) for syntax, text in self.snippets(name) if syntax == "yaml"]

    def shell(self, lines, variables):
        lines = lines if isinstance(lines, list) else [lines]
        self.run_command(["sh", "-e", "-c", "\n".join(lines)], **variables)

    def check(self, build):
        """`build(number, ref, passed)` runs the commands of one build. Its branch is built twice."""
        for ref in ("topic/a+b", "refs/tags/v1"):
            build(f"{ref[-1]}1", ref, False)
            build(f"{ref[-1]}2", ref, True)
        api = native.Native(PATH)
        pipelines = {pipeline["ref"]: pipeline["id"] for pipeline in api.pipelines(self.sha)}
        self.assertEqual(set(pipelines), {"topic/a+b", "refs/tags/v1"})
        for pipeline in pipelines.values():
            self.assertEqual([job["status"] for job in api.jobs(pipeline)], ["failed", "success"])

    def token(self):
        return native.token("report", PATH)

    def test_settings_are_valid_yaml(self):
        for name in YAML:
            documents = self.documents(name)
            self.assertTrue(documents and all(documents), name)
        notifications = self.documents("argo")[0]["data"]
        webhook = yaml.safe_load(notifications["template.stagepost"])["webhook"]["stagepost"]
        self.assertTrue(webhook["path"].startswith("/api/v3/repos/acme/connected/check-runs{{with "), webhook)

    def check_steps(self, name, variables):
        (document,) = self.documents(name)
        steps = {step["name"]: step for step in document["steps"]}

        def build(number, ref, passed):
            for step in ("start", "end"):
                set_by_system = variables(step, number, ref, "success" if passed or step == "start" else "failure")
                self.shell(steps[step]["commands"], set_by_system | {"STAGEPOST_TOKEN": self.token()})

        self.check(build)

    def test_woodpecker(self):
        self.check_steps(
            "woodpecker",
            lambda step, number, ref, status: (
                {
                    "CI_STEP_NAME": step,
                    "CI_PIPELINE_STATUS": status,
                    "CI_WORKFLOW_NAME": "woodpecker",
                    "CI_COMMIT_SHA": self.sha,
                    "CI_PIPELINE_URL": f"http://ci.example/{number}",
                }
                | branch_or_tag(ref, "CI_COMMIT_BRANCH", "CI_COMMIT_TAG")
            ),
        )

    def test_drone(self):
        self.check_steps(
            "drone",
            lambda step, number, ref, status: (
                {
                    "DRONE_STEP_NAME": step,
                    "DRONE_BUILD_STATUS": status,
                    "DRONE_STAGE_NAME": "default",
                    "DRONE_COMMIT_SHA": self.sha,
                    "DRONE_BUILD_LINK": f"http://ci.example/{number}",
                }
                | branch_or_tag(ref, "DRONE_BRANCH", "DRONE_TAG")
            ),
        )

    def test_gitlab_ci(self):
        (document,) = self.documents("gitlab-ci")

        def build(number, ref, passed):
            variables = {
                "STAGEPOST_TOKEN": self.token(),
                "CI_JOB_NAME": "gitlab",
                "CI_COMMIT_SHA": self.sha,
                "CI_COMMIT_REF_NAME": ref.removeprefix("refs/tags/"),
                "CI_JOB_URL": f"http://ci.example/{number}",
            } | branch_or_tag(ref, "CI_COMMIT_BRANCH", "CI_COMMIT_TAG")
            self.shell(document["default"]["before_script"], variables | {"CI_JOB_STATUS": "running"})
            status = "success" if passed else "failed"
            self.shell(document["default"]["after_script"], variables | {"CI_JOB_STATUS": status})

        self.check(build)

    def check_workflow(self, environment, steps):
        def build(number, ref, passed):
            full = ref if ref.startswith("refs/") else f"refs/heads/{ref}"
            result = "success" if passed else "failure"
            values = {
                "secrets.STAGEPOST_TOKEN": self.token(),
                "github.event.pull_request.head.sha || github.sha": self.sha,
                "github.head_ref || github.ref": full,
                "github.job": "github",
                "github.server_url": "http://ci.example",
                "github.repository": "a/b",
                "github.run_id": number,
                "github.run_attempt": "1",
                "job.status": result,
                "job.status == 'cancelled' && 'canceled' || job.status == 'success' && 'success' || 'failed'": (
                    "success" if passed else "failed"
                ),
            }
            for step in steps:
                variables = {
                    name: EXPRESSION.sub(lambda found: values[found[1]], text)
                    for name, text in (environment | step.get("env", {})).items()
                }
                self.shell(step["run"], variables)

        self.check(build)

    def test_github_actions(self):
        workflow = self.documents("github-actions")[0]
        steps = [step for step in workflow["steps"] if "curl" in step.get("run", "")]
        self.assertEqual(len(steps), 2)
        self.check_workflow(workflow["env"], steps)

    def test_github_actions_check_run(self):
        self.check_workflow({}, self.documents("github-actions")[1])

    def test_buildkite(self):
        before, after = (text for _, text in self.snippets("buildkite"))

        def build(number, ref, passed):
            variables = {
                "STAGEPOST_TOKEN": self.token(),
                "BUILDKITE_LABEL": "buildkite",
                "BUILDKITE_BUILD_URL": "http://ci.example/1",
                "BUILDKITE_JOB_ID": number,
                "BUILDKITE_COMMAND_EXIT_STATUS": "0" if passed else "1",
            } | branch_or_tag(ref, "BUILDKITE_BRANCH", "BUILDKITE_TAG")
            self.shell(before, variables)
            self.shell(after, variables)

        self.check(build)

    def check_containers(self, script, **names):
        def build(number, ref, passed):
            variables = {"TOKEN": self.token(), "REVISION": self.sha, "BRANCH": ref, "RUN": f"run-{number}"}
            self.shell(script, variables | names | {"STATUS": "Succeeded" if passed else "Failed"})

        self.check(build)

    def test_tekton(self):
        (document,) = self.documents("tekton")
        self.check_containers(document["finally"][0]["taskSpec"]["steps"][0]["script"], NAME="tekton")

    def test_argo_workflows(self):
        self.check_containers(self.documents("argo")[1]["templates"][0]["container"]["args"])


def branch_or_tag(ref, branch, tag):
    """The variables of a build of a branch, or of a tag, whose branch some build systems set to the tag."""
    name = ref.removeprefix("refs/tags/")
    return {branch: name} if name == ref else {branch: name, tag: name}
