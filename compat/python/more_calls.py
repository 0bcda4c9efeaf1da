"""Calls and signing methods that the samples do not show: pipelines of merge requests, temporary keys, the other
algorithms.
"""

import os
import tempfile
import unittest
from unittest import mock

import context
import huaweicloudsdkcodeartsrepo.v4 as codeartsrepo
import huaweicloudsdkcodehub.v3 as codehub_v3
import huaweicloudsdkcodehub.v4 as codehub
import merge_requests
import native_api
import requests
import special_characters
import stub
from endpoints import regions
from example import DOCUMENTED, PIPELINE, REPOSITORY, REPOSITORY_UUID
from huaweicloudsdkcodeartsrepo.v4.region.codeartsrepo_region import CodeArtsRepoRegion
from huaweicloudsdkcodehub.v3.region.codehub_region import CodeHubRegion as CodeHubRegionV3
from huaweicloudsdkcodehub.v4.region.codehub_region import CodeHubRegion
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions import exceptions
from huaweicloudsdkcore.http.http_config import HttpConfig
from huaweicloudsdkcore.signer.algorithm import SigningAlgorithm
from merge_requests import HEADS, REFS, REGISTERED, REPORTED, REPORTED_FIELDS, WAITING

GIVEN = "0123456789abcdef0123456789abcdef"
UNKNOWN = 2147483647
ALGORITHMS = {
    "SDK-HMAC-SHA256": SigningAlgorithm.HMAC_SHA256,
    "SDK-HMAC-SM3": SigningAlgorithm.HMAC_SM3,
    "SDK-ECDSA-P256-SHA256": SigningAlgorithm.ECDSA_P256_SHA256,
    "SDK-SM2-SM3": SigningAlgorithm.SM2_SM3,
}


class MoreCalls:
    """The tests; once for each package."""

    sdk = None
    client_class = None
    region = None
    scheme = None
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        home = tempfile.TemporaryDirectory()
        cls.addClassCleanup(home.cleanup)
        settings = context.server.sdk_environment(cls.scheme) | {"HOME": home.name}
        patched = mock.patch.dict(os.environ, settings)
        patched.start()
        cls.addClassCleanup(patched.stop)
        merge_requests.prepare(context.server)
        cls.client = cls.connect(BasicCredentials(context.server.ak, context.server.sk))

    @classmethod
    def connect(cls, credentials, algorithm="SDK-HMAC-SHA256", region="cn-north-4"):
        config = HttpConfig.get_default_config()
        config.signing_algorithm = ALGORITHMS[algorithm]
        builder = cls.client_class.new_builder().with_credentials(credentials).with_http_config(config)
        return builder.with_region(cls.region.value_of(region)).build()

    def list_jobs(self, client):
        request = self.sdk.ListPipelineJobsRequest(repository_id=REPOSITORY, pipeline_id=PIPELINE)
        return client.list_pipeline_jobs(request)

    def assert_listed(self, client, job=DOCUMENTED):
        page = self.list_jobs(client)
        self.assertEqual(([shown.to_dict() for shown in page.body], page.x_total), ([job], "1"))

    def refused(self, status, code, call):
        with self.assertRaises(exceptions.ClientRequestException) as caught:
            call()
        error = caught.exception
        self.assertEqual((error.status_code, error.error_code), (status, code))
        self.assertTrue(error.request_id)
        for shown in (str(status), code, error.request_id, error.error_msg):
            self.assertIn(shown, str(error))
        return error.error_msg

    def test_region_of_another_name(self):
        # The project lookup uses this name.
        with mock.patch.dict(os.environ, regions(context.server.urls[self.scheme], "LOCAL_1")):
            self.assert_listed(self.connect(BasicCredentials(context.server.ak, context.server.sk), region="local-1"))

    def test_special_characters_in_a_query(self):
        special_characters.prepare(context.server)
        listed = self.client.list_current_user_repositories(
            self.sdk.ListCurrentUserRepositoriesRequest(search=special_characters.TEXT)
        ).body
        self.assertEqual(
            [(found.id, found.description) for found in listed], [(special_characters.ID, special_characters.TEXT)]
        )

    # The pipeline of a merge request

    def head(self, iid):
        request = self.sdk.ShowActualHeadPipelineRequest(repository_id=REPOSITORY, merge_request_iid=iid)
        return self.client.show_actual_head_pipeline(request)

    def test_pipeline_of_a_merge_request(self):
        result = self.head(REGISTERED)
        data = result.data
        self.assertIs(result.is_valid, True)
        self.assertEqual(
            (data.sha, data.ref, data.status, data.type),
            (HEADS[REGISTERED], REFS[REGISTERED], "running", "MERGE REQUEST"),
        )
        self.assertEqual((data.is_invalid, data.is_latest, data.all_job_finished), (False, True, False))
        (stage,) = data.stages
        self.assertEqual((stage.repository_id, stage.pipeline_id, stage.name), (REPOSITORY, data.id, "external"))

    def test_pipeline_of_a_reported_merge_request(self):
        result = self.head(REPORTED)
        self.assertIs(result.is_valid, True)
        self.assertEqual(
            (result.data.sha, result.data.ref, result.data.status), (HEADS[REPORTED], REFS[REPORTED], "success")
        )
        self.assertEqual({name: getattr(result.data, name) for name in REPORTED_FIELDS}, REPORTED_FIELDS)
        self.assertIs(result.data.all_job_finished, True)

    def test_merge_request_without_a_pipeline(self):
        result = self.head(WAITING)
        self.assertEqual((result.data, result.is_valid), (None, False))

    def test_unknown_merge_request(self):
        self.assertIn("MR信息未找到", self.refused(404, "CH.000404", lambda: self.head(UNKNOWN)))

    # Other signing methods

    def test_temporary_key(self):
        key = native_api.temporary_key(context.server)
        token = key["securitytoken"]

        def client(token, project=GIVEN):
            credentials = BasicCredentials(key["access"], key["secret"], project)
            return self.connect(credentials.with_security_token(token) if token else credentials)

        self.assert_listed(client(token))
        # The project lookup is signed with it as well.
        self.assert_listed(client(token, None))
        self.refused(401, "APIGW.0301", lambda: self.list_jobs(client("x" + token)))
        self.refused(401, "APIGW.0301", lambda: self.list_jobs(client(None)))

    def test_signing_algorithms(self):
        for name in ALGORITHMS:
            with self.subTest(name):
                key = native_api.request(context.server, "POST", f"users/{context.server.user}/keys", {})
                ak, sk = key["access"], key["secret"]
                self.assert_listed(self.connect(BasicCredentials(ak, sk), name))
                wrong = self.connect(BasicCredentials(ak, "wrong", GIVEN), name)
                message = self.refused(401, "APIGW.0301", lambda wrong=wrong: self.list_jobs(wrong))
                self.assertIn("|/v4/repositories/2111976239/pipelines/6/jobs/|", message)

    # Responses that Stagepost does not give

    def test_unknown_status_and_field(self):
        with stub.Stub() as other:
            settings = other.regions | {"HUAWEICLOUD_SDK_IAM_ENDPOINT": other.url}
            with mock.patch.dict(os.environ, settings):
                # With another key: the SDK caches the project of a key.
                client = self.connect(BasicCredentials("OTHER" + "0" * 15, "x"))
                self.assert_listed(client, stub.JOB)


class CodeHub(MoreCalls, unittest.TestCase):
    sdk, client_class, region, scheme = codehub, codehub.CodeHubClient, CodeHubRegion, "https"

    def test_has_pipeline(self):
        request = codehub_v3.CreateRepoRequest(name="without-pipelines", project_uuid=GIVEN)
        builder = codehub_v3.CodeHubClient.new_builder().with_region(CodeHubRegionV3.value_of("cn-north-4"))
        client = builder.with_credentials(BasicCredentials(context.server.ak, context.server.sk)).build()
        created = client.create_repository(codehub_v3.CreateRepositoryRequest(body=request)).result.repository_uuid
        shown = client.show_repository_by_uuid(codehub_v3.ShowRepositoryByUuidRequest(repository_uuid=created)).result

        def has_pipeline():
            url = f"{context.server.urls['http']}/native/v1/repositories/{shown.repository_id}"
            return requests.get(url, headers={"X-Auth-Token": context.server.token}).json()["has_pipeline"]

        self.assertIs(has_pipeline(), False)
        for uuid in (created, REPOSITORY_UUID):
            result = client.show_has_pipeline(codehub_v3.ShowHasPipelineRequest(repository_uuid=uuid))
            self.assertEqual((result.result, result.status), (True, "success"))
        self.assertIs(has_pipeline(), True)

        unknown = codehub_v3.ShowHasPipelineRequest(repository_uuid="f" * 32)
        self.refused(404, "CH.010117", lambda: client.show_has_pipeline(unknown))


class CodeArtsRepo(MoreCalls, unittest.TestCase):
    sdk, client_class, region, scheme = codeartsrepo, codeartsrepo.CodeArtsRepoClient, CodeArtsRepoRegion, "http"
