"""Errors as python-gitlab shows them. No refused request changes anything."""

import native
from gitlab import exceptions
from gitlab_case import GitLabCase, connect

CREATE, GET = exceptions.GitlabCreateError, exceptions.GitlabGetError


class Refusals(GitLabCase):
    path = "acme/refusals"

    def setUp(self):
        super().setUp()
        self.known = self.ids(self.project.pipelines.list(get_all=True))

    def tearDown(self):
        # No pipeline was created, for any commit.
        self.assertEqual(self.ids(self.project.pipelines.list(get_all=True)), self.known)
        self.assertEqual(self.recorded.pipelines(self.sha), [])

    def commit_of(self, sha=None, **credential):
        project = connect(**credential).projects.get(self.path, lazy=True)
        return project.commits.get(sha or self.sha, lazy=True)

    def test_unknown_project(self):
        self.refused(404, "404 Project Not Found", lambda: self.gl.projects.get("acme/nothing"), GET)
        self.refused(404, "404 Project Not Found", lambda: self.gl.projects.get(2147483647), GET)
        nowhere = self.gl.projects.get("acme/nothing", lazy=True).commits.get(self.sha, lazy=True)
        self.refused(404, "404 Project Not Found", lambda: nowhere.statuses.create({"state": "success"}), CREATE)

    def test_project_of_others_is_as_unknown(self):
        other = connect(private_token=native.token("report", "acme/others", "robot"))
        self.refused(404, "404 Project Not Found", lambda: other.projects.get(self.path), GET)
        commit = self.commit_of(private_token=native.token("report", "acme/others", "robot"))
        self.refused(404, "404 Project Not Found", lambda: commit.statuses.create({"state": "success"}), CREATE)

    def test_wrong_token(self):
        wrong = "spt_" + "0" * 64
        for credential in ({"private_token": wrong}, {"oauth_token": wrong}):
            with self.subTest(credential):
                kind = exceptions.GitlabAuthenticationError
                self.refused(401, "401 Unauthorized", connect(**credential).auth, kind)
                commit = self.commit_of(**credential)
                self.refused(401, "401 Unauthorized", lambda c=commit: c.statuses.create({"state": "success"}), kind)

    def test_token_that_may_only_read(self):
        commit = self.commit_of(private_token=native.token("read", self.path))
        self.assertEqual(commit.statuses.list(get_all=True), [])
        self.refused(403, None, lambda: commit.statuses.create({"state": "success"}), CREATE)

    def test_state_that_does_not_exist(self):
        self.refused(400, "state does not have a valid value", lambda: self.report("bogus"), CREATE)

    def test_sha_that_is_none(self):
        self.refused(
            404, "404 Commit Not Found", lambda: self.commit_of("not-hex").statuses.create({"state": "success"}), CREATE
        )
        self.refused(404, "404 Commit Not Found", lambda: self.project.commits.get("not-hex"), GET)

    def test_name_that_is_too_long(self):
        message = {"name": ["is too long (maximum is 255 characters)"]}
        self.refused(400, message, lambda: self.report("success", name="n" * 256), CREATE)

    def test_pipeline_that_does_not_fit(self):
        message = "404 Pipeline for pipeline_id, sha and ref Not Found"
        other = self.project.commits.get(native.revision(), lazy=True)
        pipeline = other.statuses.create({"state": "success", "ref": "main"}).pipeline_id
        self.known.insert(0, pipeline)
        for id in (pipeline, 2147483647):
            self.refused(404, message, lambda id=id: self.report("success", pipeline_id=id), CREATE)
        wrong_ref = {"state": "success", "ref": "dev", "pipeline_id": pipeline}
        self.refused(404, message, lambda: other.statuses.create(wrong_ref), CREATE)


class LongestValues(GitLabCase):
    def test_longest_values_are_taken(self):
        url = "http://ci.example/".ljust(255, "x")
        status = self.report("success", name="n" * 255, description="长" * 255, target_url=url)
        self.assertEqual((status.name, status.description, status.target_url), ("n" * 255, "长" * 255, url))

    def test_target_url_that_would_run(self):
        # A link is only displayed, so an unusable one does not cost the status.
        self.assertIsNone(self.report("success", target_url="javascript:alert(1)").target_url)
