"""Where a user can say the server is, beyond what `stagepost env` prints. A suite runs a program with settings: `assert_lists`."""

import os
import tempfile

import stand

IAM = "HUAWEICLOUD_SDK_IAM_ENDPOINT"
SERVICES = ("CODEHUB", "CODEARTSREPO")
FILE = """\
{service}:
  - id: cn-north-4
    endpoints:
      - {url}
"""


def regions(url, region="CN_NORTH_4"):
    """The setting of each service; without a url none."""
    return {f"HUAWEICLOUD_SDK_REGION_{service}_{region}": url for service in SERVICES}


class Endpoints:
    """The tests. `assert_lists(**settings)` wants the documentation's job; `None` takes a setting away."""

    def test_endpoint_with_a_slash_at_its_end(self):
        # Java puts the path behind it, and signs and sends two slashes.
        url = stand.server.urls["https"] + "/"
        self.assert_lists(**regions(url), **{IAM: url})

    def test_endpoint_without_a_scheme(self):
        # https is meant. IAM's needs its own in all but Go.
        self.assert_lists(**regions(stand.server.urls["https"].removeprefix("https://")))

    def test_endpoints_in_a_file(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "regions.yaml")
            with open(path, "w", encoding="utf-8") as file:
                # In either spelling: a file's services are told apart without regard to case.
                for service in ("CodeHub", "codeartsrepo"):
                    file.write(FILE.format(service=service, url=stand.server.urls["https"]))
            self.assert_lists(**regions(None), HUAWEICLOUD_SDK_REGIONS_FILE=path)


class AnyRegion:
    """The same of a program that takes its region from `REGION`: the project is looked up by that name, whatever it is."""

    def test_region_of_another_name(self):
        self.assert_lists(**regions(None), **regions(stand.server.urls["https"], "LOCAL_1"), REGION="local-1")
