"""The official SDK at a server that limits the rate of each credential: it says so, or waits as long as it is told to."""

import os
import tempfile
from unittest import mock

import limited_server
from example import PIPELINE, REPOSITORY
from huaweicloudsdkcodehub import v4
from huaweicloudsdkcodehub.v4.region.codehub_region import CodeHubRegion
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions import exceptions
from huaweicloudsdkcore.http.http_config import HttpConfig

CALLS = 8


class Limits(limited_server.LimitedServer):
    # Some requests are free at once, and then one in a second.
    options = ["--limit-requests", "1/s:4"]

    def list_often(self, **config):
        with tempfile.TemporaryDirectory() as home:
            settings = self.server.sdk_environment("http") | {"HOME": home}
            with mock.patch.dict(os.environ, settings):
                builder = v4.CodeHubClient.new_builder().with_http_config(HttpConfig(**config))
                builder = builder.with_credentials(BasicCredentials(self.server.ak, self.server.sk))
                client = builder.with_region(CodeHubRegion.value_of("cn-north-4")).build()
                request = v4.ListPipelineJobsRequest(repository_id=REPOSITORY, pipeline_id=PIPELINE)
                return [client.list_pipeline_jobs(request).status_code for _ in range(CALLS)]

    def test_a_call_beyond_the_limit(self):
        with self.assertRaises(exceptions.ClientRequestException) as caught:
            self.list_often()
        # The SDK has a code of its own for the status.
        self.assertEqual((caught.exception.status_code, caught.exception.error_code), (429, "429"))

    def test_retries_wait(self):
        self.assertEqual(self.list_often(retry_times=5), [200] * CALLS)
