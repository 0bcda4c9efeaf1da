"""The documents are valid OpenAPI 3.1 in both languages."""

import unittest

import openapi
from openapi_spec_validator import OpenAPIV31SpecValidator


class Documents(unittest.TestCase):
    def test_every_document_is_openapi_3_1(self):
        for name in openapi.NAMES:
            for language in ("zh", "en"):
                with self.subTest(document=name, language=language):
                    faults = OpenAPIV31SpecValidator(openapi.document(name, language)).iter_errors()
                    self.assertEqual([f"{'/'.join(map(str, f.absolute_path))}: {f.message}" for f in faults], [])
