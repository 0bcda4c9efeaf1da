"""python-gitlab's lists: filters, orders, and pages of more jobs than fit on one page."""

import datetime

import native
from gitlab import exceptions
from gitlab_case import TIME, GitLabCase, connect

MANY = 1050
ALL = {"get_all": False, "all": True}


def moment():
    """A time, in whole milliseconds, later than all before and earlier than all after this call."""
    between = datetime.datetime.now(datetime.UTC) + datetime.timedelta(milliseconds=2)
    while datetime.datetime.now(datetime.UTC) < between + datetime.timedelta(milliseconds=2):
        pass
    return between.strftime("%Y-%m-%dT%H:%M:%S.") + f"{between.microsecond // 1000:03}Z"


class Pipelines(GitLabCase):
    path = "acme/lists"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        robot = connect(private_token=native.token("report", cls.path, "robot")).projects.get(cls.path)

        def pipeline(state, ref, project=cls.project):
            commit = project.commits.get(native.revision(), lazy=True)
            return commit.statuses.create({"state": state, "ref": ref}).pipeline_id

        cls.success, cls.failed = pipeline("success", "main"), pipeline("failed", "main")
        cls.running = pipeline("running", "dev")
        cls.middle = moment()
        cls.pending, cls.canceled = pipeline("pending", "dev"), pipeline("canceled", "main", robot)
        scheduled = {
            "sha": native.revision(),
            "ref": "night",
            "name": "build",
            "status": "skipped",
            "source": "schedule",
        }
        cls.skipped = cls.recorded.report(scheduled)["pipeline_id"]
        cls.by_id = [cls.success, cls.failed, cls.running, cls.pending, cls.canceled, cls.skipped]

    def assert_listed(self, wanted, **filters):
        """Checks that each of `wanted` is listed once, in any order."""
        found = self.ids(self.project.pipelines.list(get_all=True, **filters))
        if isinstance(wanted, set):
            self.assert_each_once(found, wanted)
        else:
            self.assertEqual(found, wanted)

    def test_newest_comes_first(self):
        self.assert_listed(self.by_id[::-1])

    def test_by_status(self):
        for status in ("success", "failed", "running", "pending", "canceled", "skipped"):
            with self.subTest(status):
                self.assert_listed([getattr(self, status)], status=status)
        self.assert_listed([], status="manual")

    def test_by_scope(self):
        self.assert_listed([self.running], scope="running")
        self.assert_listed([self.pending], scope="pending")
        self.assert_listed([self.skipped, self.canceled, self.failed, self.success], scope="finished")

    def test_by_ref_and_sha(self):
        self.assert_listed([self.pending, self.running], ref="dev")
        self.assert_listed([], ref="de")
        sha = self.project.pipelines.get(self.failed).sha
        self.assert_listed([self.failed], sha=sha)
        self.assert_listed([], sha=sha, ref="dev")

    def test_by_source(self):
        self.assert_listed([self.skipped], source="schedule")
        self.assert_listed(self.by_id[-2::-1], source="external")

    def test_by_username(self):
        self.assert_listed([self.canceled], username="robot")
        self.assert_listed([], username="nobody")

    def test_by_time(self):
        early, late = [self.running, self.failed, self.success], [self.skipped, self.canceled, self.pending]
        for field in ("created", "updated"):
            with self.subTest(field):
                self.assert_listed(early, **{f"{field}_before": self.middle})
                self.assert_listed(late, **{f"{field}_after": self.middle})
                self.assert_listed([], **{f"{field}_before": self.middle, f"{field}_after": "2100-01-01T00:00:00Z"})

    def test_ordered(self):
        self.assert_listed(self.by_id, order_by="id", sort="asc")
        for field in ("ref", "status", "updated_at"):
            for sort in ("asc", "desc"):
                with self.subTest(f"{field} {sort}"):
                    self.assert_listed(set(self.by_id), order_by=field, sort=sort)
                    found = self.project.pipelines.list(get_all=True, order_by=field, sort=sort)
                    values = [getattr(pipeline, field) for pipeline in found]
                    self.assertEqual(values, sorted(values, reverse=sort == "desc"))

    def test_latest(self):
        self.assertEqual(self.project.pipelines.latest().id, self.canceled)
        self.assertEqual(self.project.pipelines.latest(ref="dev").id, self.pending)
        self.refused(404, None, lambda: self.project.pipelines.latest(ref="nowhere"))

    def test_one_pipeline(self):
        shown = self.project.pipelines.get(self.failed)
        self.assertEqual(
            (shown.id, shown.project_id, shown.ref, shown.status, shown.source, shown.tag),
            (self.failed, self.project.id, "main", "failed", "external", False),
        )
        self.assertEqual(len(shown.sha), 40)
        for name in ("created_at", "updated_at", "finished_at"):
            self.assertTrue(TIME.fullmatch(getattr(shown, name)), getattr(shown, name))
        self.refused(404, None, lambda: self.project.pipelines.get(2147483647), exceptions.GitlabGetError)


class StatusesOfACommit(GitLabCase):
    def test_filtered_and_ordered(self):
        build, lint = self.report("running"), self.report("success", name="lint")
        dev = self.report("failed", ref="dev")
        deploy = {"sha": self.sha, "ref": "main", "stage": "deploy", "name": "ship", "status": "pending"}
        ship = self.recorded.report(deploy)["job_id"]
        again = self.report("pending", name="lint", target_url="http://ci.example/2")
        main, latest = [build.id, ship, again.id], [build.id, dev.id, ship, again.id]
        for wanted, filters in [
            (latest, {}),
            (latest[::-1], {"sort": "desc"}),
            (latest, {"order_by": "id", "sort": "asc"}),
            ([*main, dev.id], {"order_by": "pipeline_id"}),
            (main, {"ref": "main"}),
            ([build.id, dev.id], {"name": "build"}),
            ([ship], {"stage": "deploy"}),
            ([dev.id], {"pipeline_id": dev.pipeline_id}),
            ([], {"ref": "nowhere"}),
            ([lint.id, again.id], {"name": "lint"} | ALL),
            ([build.id, lint.id, dev.id, ship, again.id], ALL),
        ]:
            with self.subTest(filters):
                self.assertEqual(self.ids(self.commit.statuses.list(**({"get_all": True} | filters))), wanted)
        self.refused(400, None, lambda: self.commit.statuses.list(order_by="name"), exceptions.GitlabListError)

    def test_none_yet(self):
        self.assertEqual(self.commit.statuses.list(get_all=True), [])


class Jobs(GitLabCase):
    path = "acme/jobs"

    def test_jobs_of_external_builds_are_listed(self):
        lint, build = self.report("failed", name="lint"), self.report("success")
        rebuild, docs = self.report("running"), self.report("running", name="docs")
        jobs = self.project.pipelines.get(build.pipeline_id).jobs
        for wanted, filters in [
            ([docs.id, rebuild.id, lint.id], {}),
            ([docs.id, rebuild.id, build.id, lint.id], {"include_retried": True}),
            ([lint.id], {"scope": ["failed", "success"]}),
            ([build.id, lint.id], {"scope": ["failed", "success"], "include_retried": True}),
            ([docs.id, rebuild.id], {"scope": "running"}),
            ([], {"scope": ["manual", "created"]}),
        ]:
            with self.subTest(filters):
                self.assertEqual(self.ids(jobs.list(get_all=True, **filters)), wanted)
        self.refused(400, None, lambda: jobs.list(scope=["bogus"]), exceptions.GitlabListError)
        of_project = self.ids(self.project.jobs.list(scope=["running"], get_all=True))
        self.assertEqual(of_project[:2], [docs.id, rebuild.id])

    def test_one_job(self):
        self.report("running", name="lint")
        status = self.report("success", name="lint", coverage=50.5)
        job = self.project.jobs.get(status.id)
        self.assertEqual(
            (job.id, job.name, job.stage, job.status, job.ref, job.coverage, job.allow_failure, job.tag),
            (status.id, "lint", "external", "success", "main", 50.5, False, False),
        )
        self.assertEqual(
            (job.pipeline["id"], job.pipeline["sha"], job.commit["id"]), (status.pipeline_id, self.sha, self.sha)
        )
        self.assertGreaterEqual(job.duration, 0)
        for name in ("created_at", "started_at", "finished_at"):
            self.assertTrue(TIME.fullmatch(getattr(job, name)), getattr(job, name))
        self.refused(404, None, lambda: self.project.jobs.get(2147483647), exceptions.GitlabGetError)

    def test_job_that_timed_out_reads_as_failed_and_says_why(self):
        report = {"sha": self.sha, "ref": "main", "name": "slow", "status": "timedout"}
        created = self.recorded.report(report)
        job = self.project.jobs.get(created["job_id"])
        self.assertEqual((job.status, job.failure_reason), ("failed", "stuck_or_timeout_failure"))
        (status,) = self.commit.statuses.list(get_all=True)
        self.assertEqual(status.status, "failed")
        pipeline = self.project.pipelines.get(created["pipeline_id"])
        self.assertEqual(pipeline.status, "failed")
        self.assertEqual(self.ids(pipeline.jobs.list(scope=["failed"], get_all=True)), [job.id])


class Pages(GitLabCase):
    path = "acme/pages"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        sha = native.revision()
        reports = [{"sha": sha, "ref": "main", "name": f"job {number}", "status": "success"} for number in range(MANY)]
        receipts = [receipt for at in range(0, MANY, 350) for receipt in cls.recorded.report(reports[at : at + 350])]
        cls.all = [receipt["job_id"] for receipt in receipts][::-1]
        cls.pipeline = cls.project.pipelines.get(receipts[0]["pipeline_id"])

    def test_all_pages_hold_each_job_once(self):
        for page in ({}, {"per_page": 100}):
            with self.subTest(page):
                self.assertEqual(self.ids(self.pipeline.jobs.list(get_all=True, **page)), self.all)

    def test_one_page(self):
        self.assertEqual(self.ids(self.pipeline.jobs.list(get_all=False)), self.all[:20])
        self.assertEqual(self.ids(self.pipeline.jobs.list(page=11, per_page=100)), self.all[1000:])
        self.assertEqual(self.pipeline.jobs.list(page=12, per_page=100), [])

    def test_list_that_was_cut_warns(self):
        with self.assertWarnsRegex(UserWarning, f"20 of {MANY} items"):
            self.pipeline.jobs.list()

    def test_iterator_knows_how_much_there_is(self):
        jobs = self.pipeline.jobs.list(iterator=True, per_page=100)
        self.assertEqual((jobs.total, len(jobs), jobs.total_pages, jobs.per_page), (MANY, MANY, 11, 100))
        self.assertEqual((jobs.current_page, jobs.prev_page, jobs.next_page), (1, None, 2))
        self.assertEqual(self.ids(jobs), self.all)
        self.assertEqual((jobs.current_page, jobs.prev_page, jobs.next_page), (11, 10, None))

    def test_jobs_of_the_project_by_pages_and_by_keyset(self):
        for paging in ({}, {"pagination": "keyset", "order_by": "id"}):
            for sort in ({}, {"sort": "desc"}, {"sort": "asc"}) if paging else ({},):
                with self.subTest(paging | sort):
                    found = self.ids(self.project.jobs.list(get_all=True, per_page=100, **paging, **sort))
                    found = [id for id in found if id in set(self.all)]
                    self.assertEqual(found, self.all[::-1] if sort == {"sort": "asc"} else self.all)

    def test_keyset_does_not_shift_while_jobs_are_added(self):
        jobs = self.project.jobs.list(iterator=True, per_page=100, pagination="keyset", order_by="id")
        found = [next(jobs).id for _ in range(100)]
        for number in range(5):
            self.report("success", name=f"added {number}")
        found += self.ids(jobs)
        self.assertEqual([id for id in found if id in set(self.all)], self.all)
        self.assertEqual(len(set(found)), len(found))
