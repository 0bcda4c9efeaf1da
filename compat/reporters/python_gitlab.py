"""python-gitlab, unchanged: the current user, the project, and statuses from the first report to a retry."""

import datetime
import re

import context
import native
from gitlab_case import TIME, GitLabCase, connect

STATES = ["pending", "running", "success", "failed", "canceled", "skipped"]
ALL = {"get_all": False, "all": True}


class Connection(GitLabCase):
    def test_private_token_signs_in(self):
        self.gl.auth()
        self.assertEqual((self.gl.user.username, self.gl.user.state), (context.server.user, "active"))
        self.assertIsInstance(self.gl.user.id, int)

    def test_bearer_token_signs_in(self):
        gl = connect(oauth_token=context.server.token)
        gl.auth()
        self.assertEqual(gl.user.username, context.server.user)
        self.assertEqual(gl.projects.get(self.path).id, self.project.id)

    def test_everything_works_over_https_too(self):
        gl = connect("https")
        gl.auth()
        self.assertEqual(gl.projects.get(self.path).id, self.project.id)
        self.report("success")
        listed = gl.projects.get(self.project.id, lazy=True).pipelines.list(per_page=5, get_all=True)
        self.assertIn(self.sha, [pipeline.sha for pipeline in listed])

    def test_version_is_read(self):
        version, _ = self.gl.version()
        self.assertTrue(re.match(r"\d+\.\d+\.\d+", version), version)

    def test_project_is_found_by_path_and_by_id(self):
        self.assertEqual(self.project.id, self.recorded.id)
        for project in (self.project, self.gl.projects.get(self.project.id)):
            self.assertEqual(
                (project.path_with_namespace, project.path, project.default_branch), (self.path, "demo", "main")
            )
            self.assertTrue(project.name)

    def test_lazy_project_needs_no_look_up(self):
        for name in (self.path, self.project.id):
            commit = self.gl.projects.get(name, lazy=True).commits.get(self.sha, lazy=True)
            status = commit.statuses.create({"state": "running", "ref": "main", "target_url": "http://ci.example/1"})
            self.assertEqual((status.name, status.status), ("default", "running"))
        self.assertEqual(len(self.recorded.pipelines(self.sha)), 1)


class Commits(GitLabCase):
    def test_commit_is_there_before_its_first_status_and_names_its_pipeline_afterwards(self):
        unseen = self.project.commits.get(self.sha)
        self.assertEqual((unseen.id, unseen.last_pipeline), (self.sha, None))
        self.assertTrue(self.sha.startswith(unseen.short_id))
        self.assertTrue(self.project.commits.head(self.sha))
        status = self.report("running")
        last = self.project.commits.get(self.sha).last_pipeline
        self.assertEqual(
            {name: last[name] for name in ("id", "sha", "ref", "status")},
            {"id": status.pipeline_id, "sha": self.sha, "ref": "main", "status": "running"},
        )


class Statuses(GitLabCase):
    def test_status_comes_back_as_it_was_sent(self):
        sent = {
            "ref": "main",
            "name": "build",
            "target_url": "https://ci.example/1",
            "description": "编译",
            "coverage": 98.29,
        }
        status = self.commit.statuses.create({"state": "success", "context": "not taken"} | sent)
        wanted = sent | {"sha": self.sha, "status": "success", "allow_failure": False}
        self.assertEqual({name: getattr(status, name) for name in wanted}, wanted)
        self.assertEqual(status.author["username"], context.server.user)
        self.assertIsInstance(status.id, int)

    def test_every_state_is_recorded(self):
        for state in STATES:
            self.assertEqual(self.report(state, name=state).status, state)
        (pipeline,) = self.recorded.pipelines(self.sha)
        recorded = {job["name"]: (job["stage"], job["status"]) for job in self.recorded.jobs(pipeline["id"])}
        self.assertEqual(recorded, {state: ("external", state) for state in STATES})

    def test_context_is_the_name_too(self):
        status = self.commit.statuses.create({"state": "success", "ref": "main", "context": "ci/lint"})
        self.assertEqual(status.name, "ci/lint")

    def test_pipeline_is_chosen_by_id(self):
        main, dev = self.report("success").pipeline_id, self.report("success", ref="dev").pipeline_id
        self.assertNotEqual(main, dev)
        for pipeline in (main, dev):
            chosen = self.commit.statuses.create(
                {"state": "success", "name": f"of {pipeline}", "pipeline_id": pipeline}
            )
            self.assertEqual(chosen.pipeline_id, pipeline)

    def test_status_without_ref_joins_the_pipeline_that_is_there(self):
        pipeline = self.report("running", ref="dev").pipeline_id
        joined = self.commit.statuses.create({"state": "success", "name": "other"})
        self.assertEqual((joined.pipeline_id, joined.ref), (pipeline, "dev"))

    def test_first_status_without_ref_is_on_the_default_branch(self):
        self.assertEqual(self.commit.statuses.create({"state": "success"}).ref, "main")

    def test_times_are_utc_with_a_fraction(self):
        self.report("running")
        status = self.report("success")
        for name in ("created_at", "started_at", "finished_at"):
            self.assertTrue(TIME.fullmatch(getattr(status, name)), getattr(status, name))
            datetime.datetime.strptime(getattr(status, name), "%Y-%m-%dT%H:%M:%S.%fZ")

    # What GitLab itself refuses or records twice

    def test_repeat_is_taken_and_refreshes_what_it_says(self):
        first = self.report("pending", description="queued", target_url="http://ci.example/request/1")
        optional = {"description": "still queued", "target_url": "http://ci.example/request/2"}
        again = self.report("pending", **optional)
        self.assertEqual((again.id, again.description, again.target_url), (first.id, *optional.values()))
        for done in ("10%", "60%", "60%"):
            progress = self.report("running", description=done, target_url="http://ci.example/1")
            self.assertEqual((progress.id, progress.status, progress.description), (first.id, "running", done))
        ended = [self.report("success", description="done", target_url="http://ci.example/1") for _ in range(2)]
        self.assertEqual([(status.id, status.status) for status in ended], [(first.id, "success")] * 2)
        self.assertEqual(ended[0].finished_at, ended[1].finished_at)

    def test_status_never_goes_back(self):
        url = "http://ci.example/1"
        seen = [self.report(state, target_url=url) for state in ("running", "pending", "success", "running", "pending")]
        self.assertEqual([status.status for status in seen], ["running", "running", "success", "success", "success"])
        self.assertEqual(len(set(self.ids(seen))), 1)

    def test_no_order_of_states_is_refused(self):
        for first in STATES:
            for second in STATES:
                for url in ({}, {"target_url": "http://ci.example/1"}):
                    name = f"{first} {second} {bool(url)}"
                    one = self.report(first, name=name, **url)
                    two = self.report(second, name=name, **url)
                    self.assertEqual(one.pipeline_id, two.pipeline_id)
        self.assertEqual(len(self.recorded.pipelines(self.sha)), 1)

    def test_retry_is_a_second_job(self):
        self.report("pending", target_url="http://ci.example/1")
        first = self.report("success", target_url="http://ci.example/1")
        second = self.report("pending", target_url="http://ci.example/2")
        self.assertNotEqual(first.id, second.id)
        self.assertEqual((second.status, second.pipeline_id), ("pending", first.pipeline_id))
        self.assertEqual(self.ids(self.commit.statuses.list(get_all=True)), [second.id])
        self.assertEqual(self.ids(self.commit.statuses.list(**ALL)), [first.id, second.id])
        jobs = self.project.pipelines.get(first.pipeline_id).jobs
        self.assertEqual(self.ids(jobs.list(get_all=True)), [second.id])
        self.assertEqual(self.ids(jobs.list(include_retried=True, get_all=True)), [second.id, first.id])
        recorded = [(job["id"], job["attempt"], job["newest"]) for job in self.recorded.jobs(first.pipeline_id)]
        self.assertEqual(recorded, [(first.id, 1, False), (second.id, 2, True)])

    def test_two_reporters_meet_in_one_job(self):
        # GitLab makes a second job and hides the first.
        reporter = connect(private_token=native.token("report", self.path, "robot"))
        first = self.report("running", target_url="http://ci.example/1")
        commit = reporter.projects.get(self.path, lazy=True).commits.get(self.sha, lazy=True)
        second = commit.statuses.create(
            {"state": "success", "name": "build", "ref": "main", "target_url": "http://ci.example/1"}
        )
        self.assertEqual((second.id, second.status), (first.id, "success"))
