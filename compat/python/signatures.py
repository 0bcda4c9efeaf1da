"""The server accepts what the SDK's signers sign, and refuses every request with one bit flipped in what was
signed.

The requests go over sockets as bytes, from several processes. `SEED` repeats a run, `SIGNED` changes the number of
requests.
"""

import collections
import concurrent.futures
import multiprocessing
import os
import random
import secrets
import string
import sys
import time
import unittest
import urllib.parse

import context
import flips
import odd_requests
import raw
import requests
from example import REPOSITORY
from server import random_text

WORKERS = 4
UNSIGNED = b"the payload must be signed"


def work(host, algorithm, ak, sk, seed, number):
    """One worker with a key of its own: a correct signature resets the count of wrong ones for a key."""
    chance = random.Random(seed)
    maker, sign = odd_requests.Maker(chance, host), odd_requests.signing(algorithm, ak, sk)
    session = requests.Session()
    session.trust_env = False
    address, port = host.rsplit(":", 1)
    connection = raw.Connection(address, int(port))
    count, wrong = collections.Counter(), []

    def tell(what, message, response):
        wrong.append(f"{what}: {message!r}\n    response {response}")

    for _ in range(number):
        request = maker.make()
        message = raw.Message(session, sign(request))
        response = connection.send(message.bytes)
        count["asked"] += 1
        count[f"signed: {response.status if response else 'hung up'} {response.code if response else ''}"] += 1
        if request.refused:
            if response is None or response.status != 401 or UNSIGNED not in response.body:
                tell("an unsigned body that was not refused for it", message.bytes, response)
        elif not flips.is_accepted(response):
            tell("signed, and not accepted", message.bytes, response)

        flipped = flips.flip(chance, message)
        if flipped is None:
            count["flips that mean the same"] += 1
            continue
        part, changed = flipped
        response = connection.send(changed)
        count["asked"] += 1
        count["flips"] += 1
        count[f"flipped {part}: {response.status if response else 'hung up'} {response.code if response else ''}"] += 1
        if not flips.is_refused(response):
            tell(f"one bit flipped in the {part}, and accepted", changed, response)
        if not flips.is_whole(response):
            # The remaining bytes may be another request, with a late response.
            connection.close()
        if len(wrong) >= 5:
            break
    connection.close()
    return count, wrong


class Signatures(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.url = context.server.urls["http"]
        cls.host = urllib.parse.urlsplit(cls.url).netloc
        cls.administrator = requests.Session()
        cls.administrator.trust_env = False
        cls.administrator.headers["X-Auth-Token"] = context.server.token
        cls.addClassCleanup(cls.administrator.close)
        cls.user = "signer"
        cls.request("post", "users", {"name": cls.user, "password": secrets.token_urlsafe(24)})
        cls.request("put", f"repositories/{REPOSITORY}/members/{cls.user}", {"role": "report"})

    @classmethod
    def request(cls, method, path, body):
        response = cls.administrator.request(method, f"{cls.url}/native/v1/{path}", json=body)
        if not response.ok:
            raise AssertionError(f"{method} {path}: {response.status_code} {response.text}")
        return response.json() if response.content else None

    def new_key(self, algorithm, worker):
        """Creates a key. For SM2 the first worker gets one that the SDK uses differently from the standard."""
        odd = algorithm == "SDK-SM2-SM3" and worker == 0
        while True:
            ak, sk = random_text(string.ascii_uppercase, 20), random_text(string.ascii_letters, 40)
            if not odd or odd_requests.has_short_point(ak, sk):
                break
        self.request("post", f"users/{self.user}/keys", {"access": ak, "secret": sk})
        return ak, sk

    def drive(self, algorithm, number):
        seed = int(os.environ.get("SEED") or secrets.randbits(32))
        share = number // WORKERS
        # This process has threads, which fork does not copy.
        pool = concurrent.futures.ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("spawn"))
        count, wrong = collections.Counter(), []
        began = time.monotonic()
        with pool:
            running = []
            for worker in range(WORKERS):
                ak, sk = self.new_key(algorithm, worker)
                running.append(pool.submit(work, self.host, algorithm, ak, sk, seed + worker, share))
            for done in running:
                counted, found = done.result()
                count += counted
                wrong += found
        took = time.monotonic() - began
        result = f"{count['asked']} requests, {count['flips']} of them flipped, {took:.1f} s, {count['asked'] / took:.0f} a second"
        print(f"\n{algorithm}: seed {seed}: {result}", file=sys.stdout, flush=True)
        if os.environ.get("TELL"):
            print("\n".join(f"    {times:6} {what}" for what, times in sorted(count.items())), flush=True)
        self.assertFalse(wrong, f"seed {seed}: {len(wrong)} wrong responses\n" + "\n".join(wrong[:5]))
        self.assertGreater(count["flips"], share)

    # The store only looks up the keys, so one of the stores gets fewer requests.
    few = 100 if os.environ["STORE"] == "postgres" else 300

    def test_hmac_sha256(self):
        self.drive("SDK-HMAC-SHA256", int(os.environ.get("SIGNED") or 20 * self.few))

    def test_hmac_sm3(self):
        self.drive("SDK-HMAC-SM3", self.few)

    def test_derived_key(self):
        self.drive("V11-HMAC-SHA256", self.few)

    def test_ecdsa_p256(self):
        self.drive("SDK-ECDSA-P256-SHA256", self.few)

    def test_sm2(self):
        self.drive("SDK-SM2-SM3", self.few)
