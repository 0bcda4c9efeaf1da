"""python-gitlab's projects, branches, tags, merge requests of a commit, and what no pipeline has here."""

import context
import native
from gitlab import exceptions
from gitlab_case import GitLabCase, connect

MANY = 152


class Projects(GitLabCase):
    path = "acme/projects"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.paths = {f"many/{number:03}" for number in range(MANY)}
        for path in sorted(cls.paths):
            context.server.cli("repo", "add", path)

    def test_every_project_is_listed_once(self):
        for options in (
            {"per_page": 50},
            {"iterator": True},
            {"pagination": "keyset", "order_by": "id", "iterator": True},
        ):
            with self.subTest(options):
                found = self.gl.projects.list(search="many/", **({"get_all": True} | options))
                found = [project.path_with_namespace for project in found]
                self.assert_each_once(found, self.paths)

    def test_filters(self):
        only = self.gl.projects.list(search="acme/projects", membership=True, simple=True, get_all=True)
        self.assertEqual([project.id for project in only], [self.project.id])
        self.assertFalse(hasattr(only[0], "permissions"))
        limited = connect(private_token=native.token("read", self.path))
        self.assertEqual([project.id for project in limited.projects.list(get_all=True)], [self.project.id])
        ordered = self.gl.projects.list(search="many/", order_by="path", sort="desc", per_page=2, get_all=False)
        self.assertEqual([project.path for project in ordered], [f"{MANY - 1:03}", f"{MANY - 2:03}"])
        self.refused(
            400,
            "min_access_level does not have a valid value",
            lambda: self.gl.projects.list(min_access_level=30, get_all=False),
            exceptions.GitlabListError,
        )

    def test_server(self):
        version, revision = self.gl.version()
        metadata = self.gl.http_get("/metadata")
        self.assertEqual((metadata["version"], metadata["revision"]), (version, revision))


class Refs(GitLabCase):
    path = "acme/refs"

    def test_branches_and_tags(self):
        for ref in ("main", "feature/x", "refs/tags/v1"):
            self.report("success", ref=ref)
        branches = self.project.branches.list(get_all=True)
        self.assertEqual([(branch.name, branch.default) for branch in branches], [("feature/x", False), ("main", True)])
        self.assertEqual(self.names(self.project.branches.list(search="^feature", get_all=True)), ["feature/x"])
        branch = self.project.branches.get("feature/x")
        self.assertEqual((branch.commit["id"], branch.protected), (self.sha, False))
        tags = self.project.tags.list(get_all=True)
        self.assertEqual([(tag.name, tag.commit["id"]) for tag in tags], [("v1", self.sha)])
        self.refused(404, "404 Branch Not Found", lambda: self.project.branches.get("none"), exceptions.GitlabGetError)

    def test_merge_requests_of_a_commit(self):
        self.assertEqual(self.commit.merge_requests(), [])
        self.report("success", ref="refs/merge-requests/7/head")
        found = self.commit.merge_requests()
        self.assertEqual([(one["iid"], one["sha"]) for one in found], [(7, self.sha)])

    def test_test_report_and_bridges(self):
        pipeline = self.project.pipelines.get(self.report("failed").pipeline_id)
        self.assertEqual((pipeline.test_report.get().total_count, pipeline.test_report.get().test_suites), (0, []))
        tests = {"failed": 2, "passed": 40, "skipped": 1}
        of_unit = {
            "sha": self.sha,
            "ref": pipeline.ref,
            "name": "unit",
            "status": "failed",
            "details": {"tests": tests},
        }
        self.recorded.report(of_unit)
        report = pipeline.test_report.get()
        self.assertEqual((report.total_count, report.success_count, report.failed_count), (43, 40, 2))
        (suite,) = report.test_suites
        self.assertEqual((suite["name"], suite["skipped_count"], suite["test_cases"]), ("unit", 1, []))
        summary = pipeline.test_report_summary.get()
        self.assertEqual((summary.total["count"], summary.total["failed"]), (43, 2))
        (suite,) = summary.test_suites
        self.assertEqual(self.project.jobs.get(suite["build_ids"][0]).name, "unit")
        self.assertEqual(pipeline.bridges.list(get_all=True), [])
        other = self.project.pipelines.get(pipeline.id + 1000, lazy=True)
        self.refused(404, "404 Not found", other.test_report.get, exceptions.GitlabGetError)
