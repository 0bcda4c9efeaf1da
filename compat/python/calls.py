"""Calls of the SDKs that the sample does not make: errors, pages, languages, repositories, tokens."""

import os
import tempfile
import unittest
from unittest import mock

import context
import example
import requests
from example import PIPELINE, PROJECT_UUID, REPOSITORY, REPOSITORY_UUID
from huaweicloudsdkcodeartsrepo import v4 as renamed
from huaweicloudsdkcodeartsrepo.v4.region.codeartsrepo_region import CodeArtsRepoRegion
from huaweicloudsdkcodehub import v3, v4
from huaweicloudsdkcodehub.v3.region.codehub_region import CodeHubRegion as CodeHubRegionV3
from huaweicloudsdkcodehub.v4.region.codehub_region import CodeHubRegion
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions import exceptions

REGION = "cn-north-4"
JOBS = 130


class Calls:
    """The tests; once for each scheme and package."""

    scheme = None
    sdk, client_class, region = v4, v4.CodeHubClient, CodeHubRegion

    @classmethod
    def setUpClass(cls):
        home = tempfile.TemporaryDirectory()
        cls.addClassCleanup(home.cleanup)
        settings = context.server.sdk_environment(cls.scheme) | {"HOME": home.name}
        patched = mock.patch.dict(os.environ, settings)
        patched.start()
        cls.addClassCleanup(patched.stop)
        cls.url = context.server.urls[cls.scheme]
        cls.client = cls.connect(cls.client_class, cls.region)
        cls.client_v3 = cls.connect(v3.CodeHubClient, CodeHubRegionV3)
        cls.long_pipeline = example.report_jobs(context.server, JOBS)

    @staticmethod
    def connect(client, region, credentials=None):
        credentials = credentials or BasicCredentials(context.server.ak, context.server.sk)
        return client.new_builder().with_credentials(credentials).with_region(region.value_of(REGION)).build()

    def list_jobs(self, pipeline=PIPELINE, repository=REPOSITORY, client=None, **page):
        request = self.sdk.ListPipelineJobsRequest(repository_id=repository, pipeline_id=pipeline, **page)
        return (client or self.client).list_pipeline_jobs(request)

    def refused(self, status, code, call):
        with self.assertRaises(exceptions.ClientRequestException) as caught:
            call()
        self.assertEqual((caught.exception.status_code, caught.exception.error_code), (status, code))
        self.assertTrue(caught.exception.request_id)
        self.assertTrue(caught.exception.error_msg)
        return caught.exception

    # Errors

    def test_wrong_secret_key(self):
        # With the project given, the SDK's first request is the list itself.
        wrong = BasicCredentials(context.server.ak, "x" * 40, project_id="0123456789abcdef0123456789abcdef")
        client = self.connect(self.client_class, self.region, wrong)
        error = self.refused(401, "APIGW.0301", lambda: self.list_jobs(client=client))
        self.assertIn("canonicalRequest:", error.error_msg)
        self.assertIn("|/v4/repositories/2111976239/pipelines/6/jobs/|", error.error_msg)

    def test_unknown_access_key(self):
        unknown = BasicCredentials(
            "UNKNOWN" + "0" * 13, context.server.sk, project_id="0123456789abcdef0123456789abcdef"
        )
        client = self.connect(self.client_class, self.region, unknown)
        self.refused(401, "APIGW.0301", lambda: self.list_jobs(client=client))

    def test_unknown_repository(self):
        self.refused(404, "CH.00402000", lambda: self.list_jobs(repository=2147483647))

    def test_unknown_pipeline(self):
        self.refused(404, "CH.000404", lambda: self.list_jobs(pipeline=2147483647))

    def test_page_out_of_range(self):
        for page in ({"limit": 101}, {"limit": 0}, {"limit": -1}, {"offset": -1}, {"offset": 2147483648}):
            with self.subTest(page):
                error = self.refused(400, "CH.00401999", lambda page=page: self.list_jobs(**page))
                self.assertTrue(error.error_msg.startswith(f"'{next(iter(page))}'"), error.error_msg)

    def test_languages(self):
        path = "/v4/repositories/2147483647/pipelines/6/jobs"
        result = {}
        for language in (None, "zh-cn", "en-us", "en_us"):
            headers = {"X-Auth-Token": context.server.token} | ({"X-Language": language} if language else {})
            response = requests.get(self.url + path, headers=headers)
            self.assertEqual((response.status_code, response.json()["error_code"]), (404, "CH.00402000"))
            result[language] = response.json()["error_msg"]
        self.assertIn("仓库不存在", result[None])
        self.assertEqual(result["zh-cn"], result[None])
        self.assertTrue(result["en-us"].isascii(), result["en-us"])
        self.assertEqual(result["en_us"], result["en-us"])

    # Pages

    def test_empty_page(self):
        page = self.list_jobs(offset=1)
        self.assertIsNone(page.body)
        self.assertEqual(page.x_total, "1")

    def test_smallest_and_largest_page(self):
        one = self.list_jobs(pipeline=self.long_pipeline, limit=1)
        self.assertEqual((len(one.body), one.x_total), (1, str(JOBS)))
        most = self.list_jobs(pipeline=self.long_pipeline, limit=100)
        self.assertEqual((len(most.body), most.x_total), (100, str(JOBS)))

    def test_default_page(self):
        page = self.list_jobs(pipeline=self.long_pipeline)
        self.assertEqual((len(page.body), page.x_total), (20, str(JOBS)))

    def test_all_pages(self):
        names, ids = [], []
        for offset in range(0, JOBS, 50):
            page = self.list_jobs(pipeline=self.long_pipeline, offset=offset, limit=50)
            self.assertEqual(page.x_total, str(JOBS))
            names += [job.name for job in page.body]
            ids += [job.id for job in page.body]
        self.assertEqual(names, [f"job {number}" for number in range(1, JOBS + 1)])
        self.assertEqual(ids, sorted(set(ids)))

    def test_latest_jobs(self):
        request = self.sdk.ListLatestPipelineJobsRequest(repository_id=REPOSITORY, pipeline_id=PIPELINE)
        latest = self.client.list_latest_pipeline_jobs(request)
        self.assertEqual((latest.id, latest.status), (PIPELINE, "success"))
        self.assertEqual(
            [(stage.id, stage.name, [job.id for job in stage.jobs]) for stage in latest.stages],
            [(123, "external", [31930])],
        )

    # Repositories

    def test_repositories_v4(self):
        listed = self.client.list_current_user_repositories(
            self.sdk.ListCurrentUserRepositoriesRequest(search="cicd")
        ).body
        self.assertEqual([(found.id, found.uuid) for found in listed], [(REPOSITORY, REPOSITORY_UUID)])
        shown = self.client.show_repository(self.sdk.ShowRepositoryRequest(repository_id=REPOSITORY))
        self.assertEqual((shown.id, shown.uuid, shown.default_branch), (REPOSITORY, REPOSITORY_UUID, "dev"))
        of_project = self.client.list_project_repositories(
            self.sdk.ListProjectRepositoriesRequest(project_id=PROJECT_UUID)
        ).body
        self.assertIn(REPOSITORY, [found.id for found in of_project])

    def test_unknown_repository_v4(self):
        self.refused(
            404,
            "CH.00402000",
            lambda: self.client.show_repository(self.sdk.ShowRepositoryRequest(repository_id=2147483647)),
        )

    def test_repositories_v3(self):
        result = self.client_v3.list_user_all_repositories(v3.ListUserAllRepositoriesRequest(search="cicd")).result
        found = {found.repository_id: found.repository_uuid for found in result.repositories}
        self.assertEqual((result.total, found), (1, {REPOSITORY: REPOSITORY_UUID}))
        shown = self.client_v3.show_repository_by_uuid(v3.ShowRepositoryByUuidRequest(repository_uuid=REPOSITORY_UUID))
        self.assertEqual((shown.status, shown.result.repository_id), ("success", REPOSITORY))

    def test_repository_is_created_v3(self):
        name = f"made-{type(self).__name__}"
        body = v3.CreateRepoRequest(
            name=name, project_uuid=PROJECT_UUID, visibility_level=0, description="made by the SDK"
        )
        created = self.client_v3.create_repository(v3.CreateRepositoryRequest(body=body))
        self.assertEqual(created.status, "success")
        shown = self.client_v3.show_repository_by_uuid(
            v3.ShowRepositoryByUuidRequest(repository_uuid=created.result.repository_uuid)
        ).result
        self.assertEqual((shown.repository_name, shown.project_uuid), (name, PROJECT_UUID))
        self.assertEqual(
            self.client.show_repository(self.sdk.ShowRepositoryRequest(repository_id=shown.repository_id)).name, name
        )

    # Tokens, which the documentation requires and the SDKs do not send

    def test_iam_token(self):
        response = self.ask_token(context.server.password)
        self.assertEqual(response.status_code, 201, response.text)
        self.assertEqual(response.json()["token"]["user"]["name"], context.server.user)
        token = response.headers["X-Subject-Token"]
        url = f"{self.url}/v4/repositories/{REPOSITORY}/pipelines/{PIPELINE}/jobs"
        listed = requests.get(url, headers={"X-Auth-Token": token})
        self.assertEqual((listed.status_code, listed.headers["X-Total"], listed.json()[0]["id"]), (200, "1", 31930))
        listed = requests.get(url, headers={"X-Auth-Token": token[:-1] + ("a" if token[-1] != "a" else "b")})
        self.assertEqual((listed.status_code, listed.json()["error_code"]), (401, "CH.00000002"))

    def test_iam_wrong_password(self):
        response = self.ask_token("not " + context.server.password)
        self.assertEqual((response.status_code, response.json()["error"]["code"]), (401, 401))

    def ask_token(self, password):
        user = {"domain": {"name": "stagepost"}, "name": context.server.user, "password": password}
        identity = {"methods": ["password"], "password": {"user": user}}
        body = {"auth": {"identity": identity, "scope": {"project": {"name": REGION}}}}
        return requests.post(f"{self.url}/v3/auth/tokens", json=body)


class CallsOverHttp(Calls, unittest.TestCase):
    scheme = "http"


class CallsOverHttps(Calls, unittest.TestCase):
    scheme = "https"


class CallsOfRenamedPackage(Calls, unittest.TestCase):
    scheme = "https"
    sdk, client_class, region = renamed, renamed.CodeArtsRepoClient, CodeArtsRepoRegion
