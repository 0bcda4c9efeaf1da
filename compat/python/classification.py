"""Tests of how the test of signatures classifies responses and flips: with a wrong classification it would pass in
any case.
"""

import unittest

import flips
import raw


def response(status, code=None):
    body = b"{}" if code is None else b'{"error_code": "%s"}' % code.encode()
    return raw.Response(status, {}, body)


# The responses of each dialect to an unsigned request, and to bytes without a request or a route.
REFUSED = (
    (401, "APIGW.0301"),
    (401, "CH.00000002"),
    (404, "APIGW.0101"),
    (405, "APIGW.0101"),
    (400, None),
    (431, None),
    (501, None),
)
ACCEPTED = ((200, None), (400, "CH.00401999"), (403, "CH.080403"), (404, "CH.000404"))
NEITHER = ((500, "CH.000001"), (503, None), (401, "CH.080401"))


class Classification(unittest.TestCase):
    def test_a_response_is_accepted_or_refused_or_neither(self):
        for status, code in REFUSED + ACCEPTED + NEITHER:
            with self.subTest(status=status, code=code):
                result = response(status, code)
                self.assertEqual(flips.is_refused(result), (status, code) in REFUSED)
                self.assertEqual(flips.is_accepted(result), (status, code) in ACCEPTED)

    def test_code_that_is_a_number(self):
        result = raw.Response(401, {}, b'{"error":{"code":401,"message":"","title":"Unauthorized"}}')
        self.assertTrue(flips.is_refused(result))
        # There may be another response, to the rest of the bytes.
        self.assertFalse(flips.is_whole(result))
        self.assertTrue(flips.is_whole(response(401, "APIGW.0301")))

    def test_hang_up_is_neither(self):
        self.assertFalse(flips.is_refused(None) or flips.is_accepted(None) or flips.is_whole(None))

    def test_flips_that_mean_the_same(self):
        for one, other in ((b"/a%2A?b=%e4", b"/a%2a?b=%E4"), (b"/a/?b", b"/a?b"), (b"/a?b=", b"/a?b")):
            self.assertEqual(flips.meaning(one), flips.meaning(other))
        for one, other in (
            (b"/a", b"/b"),
            (b"/a?b=1&b=2", b"/a?b=2&b=1"),
            (b"/a?b", b"/a"),
            (b"/a%2Fb?c", b"/a%2Fc?c"),
        ):
            self.assertNotEqual(flips.meaning(one), flips.meaning(other))
