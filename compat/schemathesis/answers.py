"""Every operation that reads gives, of the demo's data, what its document says: status, headers, media type and body."""

import json
import unittest
import urllib.parse

import example
import openapi
import stand
from jsonschema import Draft202012Validator
from jsonschema.validators import validator_for

# A stream has no end; its frames are tested where events are.
ENDLESS = {"Events"}
# What the documents give no example of, or none of this server's own.
VALUES = {"job_id": 31930, "merge_request_iid": 1, "user": "admin", "repository": example.REPOSITORY}


class Answers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.base = stand.server.urls["http"]
        cls.values = VALUES | {"access": stand.server.ak, "X-Subject-Token": stand.server.token}
        repository = f"{cls.base}/native/v1/repositories/{example.REPOSITORY}"
        said = {"source_branch": "feature", "target_branch": "main", "head_sha": example.DOCUMENTED["sha"]}
        cls.made("PUT", f"{repository}/merge-requests/1", said)
        webhook = cls.made(
            "POST", f"{repository}/webhooks", {"url": "https://nowhere.invalid/", "events": ["pipeline"]}
        )
        cls.values["webhook_id"] = webhook["id"]
        cls.values["delivery_id"] = cls.made("POST", f"{repository}/webhooks/{webhook['id']}/test", {})["id"]

    @classmethod
    def made(cls, method, url, body):
        status, _, answer = openapi.ask(method, url, openapi.credential("native"), body)
        if status >= 300:
            raise AssertionError(f"{method} {url}: {status} {answer}")
        return json.loads(answer)

    def test_every_read_is_answered_as_its_document_says(self):
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
        status, sent, body = openapi.ask("get", url, headers)
        self.assertEqual(status, 200, body)
        told = operation["responses"]["200"]
        for header, about in told["headers"].items():
            if about.get("required") or "$ref" in about:
                self.assertIsNotNone(sent[header], header)
        kind = sent["Content-Type"].split(";")[0]
        self.assertIn(kind, told["content"])
        if kind.endswith("json"):
            self.fits(name, told["content"][kind]["schema"], json.loads(body))

    def fits(self, name, schema, value):
        whole = closed({"$ref": "#/schema", "schema": schema, "components": openapi.document(name)["components"]})
        validator = Draft202012Validator(whole, format_checker=validator_for(whole).FORMAT_CHECKER)
        faults = [
            f"{'/'.join(map(str, fault.absolute_path))}: {fault.message}" for fault in validator.iter_errors(value)
        ]
        self.assertEqual(faults, [])


def closed(schema):
    """The same, but that an object has no properties beside those told."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {name: closed(value) for name, value in schema.items()}
    if isinstance(inner.get("properties"), dict) and inner.get("type") == "object":
        inner.setdefault("additionalProperties", False)
    return inner
