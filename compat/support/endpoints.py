"""Ways to set the endpoint that `stagepost env` does not use. A suite implements `assert_lists`, which runs a
program.
"""

import os
import tempfile

import context

IAM = "HUAWEICLOUD_SDK_IAM_ENDPOINT"
SERVICES = ("CODEHUB", "CODEARTSREPO")
FILE = """\
{service}:
  - id: cn-north-4
    endpoints:
      - {url}
"""


def regions(url, region="CN_NORTH_4"):
    """The variable of each service; None as the URL removes it."""
    return {f"HUAWEICLOUD_SDK_REGION_{service}_{region}": url for service in SERVICES}


class Endpoints:
    """The tests. `assert_lists(**settings)` expects the documentation's job; `None` removes a variable."""

    def test_endpoint_with_a_slash_at_its_end(self):
        # Java appends the path, and signs and sends two slashes.
        url = context.server.urls["https"] + "/"
        self.assert_lists(**regions(url), **{IAM: url})

    def test_endpoint_without_a_scheme(self):
        # The default is https. The endpoint of IAM needs a scheme in all SDKs but Go's.
        self.assert_lists(**regions(context.server.urls["https"].removeprefix("https://")))

    def test_endpoints_in_a_file(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "regions.yaml")
            with open(path, "w", encoding="utf-8") as file:
                # In two spellings: the names of services in a file are case-insensitive.
                for service in ("CodeHub", "codeartsrepo"):
                    file.write(FILE.format(service=service, url=context.server.urls["https"]))
            self.assert_lists(**regions(None), HUAWEICLOUD_SDK_REGIONS_FILE=path)


class AnyRegion:
    """The tests of a program that reads its region from `REGION`; the project lookup uses this name."""

    def test_region_of_another_name(self):
        self.assert_lists(**regions(None), **regions(context.server.urls["https"], "LOCAL_1"), REGION="local-1")
