"""Every operation that reads responds as documented, for the data of the demo: status, headers, media type and body."""

import json
import unittest
import urllib.parse

import context
import example
import openapi
from jsonschema import Draft202012Validator
from jsonschema.validators import validator_for

# A stream does not end; its frames have tests of their own.
ENDLESS = {"Events"}
# Parameters without an example in the documents, or whose example is not on this server.
VALUES = {"job_id": 31930, "merge_request_iid": 1, "user": "admin", "repository": example.REPOSITORY, "with": 6}


class Responses(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.base = context.server.urls["http"]
        cls.values = VALUES | {"access": context.server.ak, "X-Subject-Token": context.server.token}
        repository = f"{cls.base}/native/v1/repositories/{example.REPOSITORY}"
        merge_request = {"source_branch": "feature", "target_branch": "main", "head_sha": example.DOCUMENTED["sha"]}
        cls.create("PUT", f"{repository}/merge-requests/1", merge_request)
        webhook = cls.create(
            "POST", f"{repository}/webhooks", {"url": "https://nowhere.invalid/", "events": ["pipeline"]}
        )
        cls.create(
            "POST",
            f"{repository}/reports",
            {"sha": example.DOCUMENTED["sha"], "ref": "refs/tags/v1", "name": "tag", "status": "success"},
        )
        destination = {"kind": "github", "url": "https://nowhere.invalid", "project": "acme/demo", "token": "unused"}
        cls.values["destination_id"] = cls.create("POST", f"{repository}/destinations", destination)["id"]
        tested = cls.create("POST", f"{repository}/destinations/{cls.values['destination_id']}/test", {})
        cls.values["state_id"] = tested["id"]
        cls.values["webhook_id"] = webhook["id"]
        subscription = {"repository": str(example.REPOSITORY), "url": "https://nowhere.invalid/x", "format": "slack"}
        subscription = cls.create("POST", f"{cls.base}/native/v1/subscriptions", subscription)
        cls.values["subscription_id"] = subscription["id"]
        cls.values["delivery_id"] = cls.create("POST", f"{repository}/webhooks/{webhook['id']}/test", {})["id"]

    @classmethod
    def create(cls, method, url, body):
        status, _, response = openapi.request(method, url, openapi.credential("native"), body)
        if status >= 300:
            raise AssertionError(f"{method} {url}: {status} {response}")
        return json.loads(response)

    def test_every_read_responds_as_documented(self):
        asked = 0
        for name in openapi.NAMES:
            for path, method, operation in openapi.operations(name):
                if method != "get" or operation["operationId"] in ENDLESS:
                    continue
                with self.subTest(document=name, operation=operation["operationId"]):
                    self.check(name, path, operation)
                    asked += 1
        self.assertGreater(asked, 45)

    def check(self, name, path, operation):
        query, headers = {}, openapi.credential(name)
        for parameter in operation["parameters"]:
            value = self.values.get(parameter["name"], parameter.get("example"))
            if parameter["in"] == "path":
                self.assertIsNotNone(value, f"{parameter['name']} has no example")
                path = path.replace(f"{{{parameter['name']}}}", urllib.parse.quote(str(value), safe=""))
            elif parameter["required"]:
                (query if parameter["in"] == "query" else headers)[parameter["name"]] = str(value)
        url = self.base + path + (f"?{urllib.parse.urlencode(query)}" if query else "")
        status, sent, body = openapi.request("get", url, headers)
        self.assertEqual(status, 200, body)
        documented = operation["responses"]["200"]
        for header, about in documented["headers"].items():
            if about.get("required") or "$ref" in about:
                self.assertIsNotNone(sent[header], header)
        kind = sent["Content-Type"].split(";")[0]
        self.assertIn(kind, documented["content"])
        if kind.endswith("json"):
            self.fits(name, documented["content"][kind]["schema"], json.loads(body))

    def fits(self, name, schema, value):
        whole = closed({"$ref": "#/schema", "schema": schema, "components": openapi.document(name)["components"]})
        validator = Draft202012Validator(whole, format_checker=validator_for(whole).FORMAT_CHECKER)
        faults = [
            f"{'/'.join(map(str, fault.absolute_path))}: {fault.message}" for fault in validator.iter_errors(value)
        ]
        self.assertEqual(faults, [])


def closed(schema):
    """The schema with `additionalProperties: false` in every object that does not set it."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {name: closed(value) for name, value in schema.items()}
    if isinstance(inner.get("properties"), dict) and inner.get("type") == "object":
        inner.setdefault("additionalProperties", False)
    return inner
