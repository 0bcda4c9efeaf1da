"""Check runs with PyGithub: created, changed with annotations, tried again and listed."""

import concurrent.futures
import datetime

from github import GithubException
from pygithub import PATH, RACING, PyGithubCase, connect

STARTED = datetime.datetime(2026, 11, 24, 10, 0, tzinfo=datetime.UTC)
ENDED = STARTED + datetime.timedelta(minutes=2)
# More than a page of 100.
MANY = 130


def annotations(first, count):
    """Annotations of so many lines of a file."""
    lines = range(first, first + count)
    return [
        {
            "path": "src/main.rs",
            "start_line": line,
            "end_line": line,
            "annotation_level": "failure",
            "message": f"line {line}",
        }
        for line in lines
    ]


class CheckRuns(PyGithubCase):
    def ids(self, found):
        return [each.id for each in found]

    def test_from_queued_to_the_success_of_a_retry(self):
        run = self.repo.create_check_run("lint", self.sha, "https://ci.example.com/7", "7", "queued")
        self.assertEqual((run.status, run.conclusion, run.head_sha), ("queued", None, self.sha))
        run.edit(status="in_progress", started_at=STARTED)
        self.assertEqual((run.status, run.started_at), ("in_progress", STARTED))
        output = {"title": "80 行有误", "summary": "**80**", "annotations": annotations(1, 50)}
        run.edit(conclusion="failure", completed_at=ENDED, output=output)
        self.assertEqual((run.status, run.conclusion, run.completed_at), ("completed", "failure", ENDED))
        # The second request has more annotations, and repeats some.
        run.edit(output=output | {"annotations": annotations(41, 40)})
        read = self.repo.get_check_run(run.id)
        shown = (read.output.title, read.output.summary, read.output.annotations_count)
        self.assertEqual(shown, ("80 行有误", "**80**", 80))
        self.assertEqual((read.external_id, read.details_url), ("7", "https://ci.example.com/7"))
        found = [(each.path, each.start_line, each.annotation_level) for each in read.get_annotations()]
        self.assertEqual(found, [("src/main.rs", line, "failure") for line in range(1, 81)])
        # A change back is late; another id is another attempt.
        run.edit(status="in_progress")
        self.assertEqual((run.status, run.conclusion), ("completed", "failure"))
        again = self.repo.create_check_run("lint", self.sha, external_id="8", conclusion="success")
        self.assertEqual(self.ids(self.commit.get_check_runs()), [again.id])
        self.assertEqual(self.ids(self.commit.get_check_runs(filter="all")), [again.id, run.id])
        statuses = [(job["stage"], job["name"], job["status"]) for job in self.jobs()]
        self.assertEqual(statuses, [("checks", "lint", "failed"), ("checks", "lint", "success")])
        (suite,) = self.commit.get_check_suites()
        self.assertEqual((suite.status, suite.conclusion, suite.head_sha), ("completed", "success", self.sha))
        self.assertEqual(self.ids(suite.get_check_runs()), [again.id])

    def test_every_conclusion_reads_back(self):
        conclusions = ["action_required", "cancelled", "failure", "neutral", "success", "skipped", "timed_out"]
        for conclusion in conclusions:
            run = self.repo.create_check_run(conclusion, self.sha, conclusion=conclusion)
            self.assertEqual(self.repo.get_check_run(run.id).conclusion, conclusion)

    def test_all_pages_have_each_run_once(self):
        made = [self.repo.create_check_run(f"check {n}", self.sha, conclusion="success").id for n in range(MANY)]
        runs = self.commit.get_check_runs()
        self.assertEqual((runs.totalCount, self.ids(runs)), (MANY, made[::-1]))

    def test_racing_reports_are_of_one_attempt(self):
        def report(number):
            with connect() as hub:
                repo = hub.get_repo(PATH, lazy=True)
                end = {"conclusion": "success"} if number % 2 else {"status": "in_progress"}
                return repo.create_check_run("race", self.sha, external_id="1", **end).id

        with concurrent.futures.ThreadPoolExecutor(RACING) as all:
            ids = set(all.map(report, range(RACING)))
        (job,) = self.jobs()
        self.assertEqual((ids, job["status"]), ({job["id"]}, "success"))

    def test_refusals(self):
        for given in (
            {"status": "completed"},
            {"conclusion": "bogus"},
            {"output": {"title": "no summary"}},
            {"output": {"title": "t", "summary": "s", "annotations": annotations(1, 51)}},
        ):
            with self.subTest(given.keys()):
                with self.assertRaises(GithubException) as caught:
                    self.repo.create_check_run("refused", self.sha, **given)
                self.assertEqual(
                    (caught.exception.status, caught.exception.data["message"]), (422, "Validation Failed")
                )
        self.assertEqual(self.recorded.pipelines(self.sha), [])
