"""Signing in with accounts of a real provider."""

import json
import unittest
import urllib.error
import urllib.request

import context
from browser import Browser
from provider import Provider
from server import Server

RULES = 'admin-groups = "ops"\ngroup-roles = "dev=report:codearts/*"\nidentity-rights = "30d"\n'
AMY = {"preferred_username": "amy", "email": "amy@example.com", "email_verified": True, "groups": ["dev"]}
OPS = {"preferred_username": "olga", "email": "olga@example.com", "email_verified": True, "groups": ["ops"]}


def setUpModule():
    global provider, server, base
    provider = Provider()
    provider.set_people({"1": AMY, "2": OPS, "3": AMY | {"preferred_username": context.server.user}})
    # The server starts before the provider can be reached.
    server = Server(context.server.binary, context.server.store, ["--config", provider.settings(RULES)])
    server.wait_until_ready()
    base = server.urls["http"]
    provider.start(base)


def tearDownModule():
    server.remove()
    provider.remove()


def company(next_path="/repositories"):
    return f"{base}/sign-in/company?next={next_path}"


def signed_in(login, start=None):
    """A browser in which somebody has signed in."""
    browser = Browser()
    page = browser.sign_in(start or company(), login)
    assert page.status == 200 and "/sign-in" not in page.url, (page.status, page.url, page.text)
    return browser


def whoami(headers):
    request = urllib.request.Request(f"{base}/native/v1/whoami", headers=headers)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=30) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        return error.code


def by_session(browser):
    return whoami({"Cookie": f"stagepost={browser.cookie('stagepost')}"})


class SignIn(unittest.TestCase):
    maxDiff = None

    def test_the_page_leads_to_the_provider_and_back(self):
        browser = Browser()
        page = browser.open(f"{base}/sign-in?next=/errors")
        self.assertIn('href="/sign-in/company?next=%2Ferrors">Sign in with Company</a>', page.text)
        self.assertIn("Sign in with Public", page.text)
        page = browser.sign_in(company("/errors"), "1")
        self.assertEqual((page.status, page.url), (200, f"{base}/errors"))
        self.assertIn("amy", page.text)
        self.assertTrue(any(url.startswith(provider.issuer) for url in browser.visited))
        me = by_session(browser)
        self.assertEqual((me["user"], me["admin"]), ("amy", False))

    def test_an_account_is_one_user_with_either_client(self):
        first, second = by_session(signed_in("1")), by_session(signed_in("1", f"{base}/sign-in/public"))
        self.assertEqual(first["user"], second["user"])

    def test_a_group_makes_an_administrator(self):
        self.assertIs(by_session(signed_in("2"))["admin"], True)
        self.assertEqual(signed_in("2").open(f"{base}/administration").status, 200)
        self.assertEqual(signed_in("1").open(f"{base}/administration").status, 403)

    def test_a_local_user_of_the_same_name_is_not_taken_over(self):
        me = by_session(signed_in("3"))
        self.assertEqual((me["user"], me["admin"]), (f"{context.server.user}-2", False))

    def test_who_loses_a_group_loses_sessions_and_tokens(self):
        provider.set_people({"4": OPS | {"preferred_username": "lost"}})
        browser = signed_in("4")
        cookie = f"stagepost={browser.cookie('stagepost')}"
        form = {"name": "ci", "scope": "full", "life": "90"}
        made = browser.open(f"{base}/account/tokens", form, {"Origin": base})
        token = made.text[made.text.index("spt_") :][: 4 + 72]
        self.assertIs(whoami({"X-Auth-Token": token})["admin"], True)
        provider.set_people({"4": OPS | {"preferred_username": "lost", "groups": []}})
        again = signed_in("4")
        self.assertIs(by_session(again)["admin"], False)
        self.assertEqual((whoami({"Cookie": cookie}), whoami({"X-Auth-Token": token})), (401, 401))

    def test_a_response_signs_in_once_and_in_its_browser_only(self):
        browser = signed_in("1")
        [response] = [url for url in browser.visited if "/callback" in url]
        for other in (browser, Browser()):
            page = other.open(response)
            self.assertEqual(page.status, 401)
            self.assertIn("The sign-in was not completed", page.text)
            self.assertIn(page.headers["X-Request-Id"], page.text)
        self.assertIsNone(other.cookie("stagepost"))

    def test_signing_out_ends_the_session_at_the_provider_too(self):
        browser = signed_in("1")
        self.assertNotIn("/interaction/", browser.open(company()).url)
        page = browser.open(f"{base}/sign-out", {}, {"Origin": base})
        self.assertTrue(page.url.startswith(f"{provider.issuer}/session/end"), page.url)
        self.assertEqual(by_session(browser), 401)
        # The provider asks, because it is sent no ID token.
        action, fields = page.form()
        page = browser.open(action, fields | {"logout": "yes"})
        self.assertEqual((page.status, page.url), (200, f"{base}/sign-in"))
        self.assertIn("/interaction/", browser.open(company()).url)

    def test_who_refuses_at_the_provider_sees_the_sign_in_page(self):
        browser = Browser()
        page = browser.open(company())
        page = browser.open(f"{page.url}/abort")
        self.assertEqual(page.status, 401)
        self.assertIn("The sign-in was not completed", page.text)


class ZProviderDown(unittest.TestCase):
    """Runs last: the provider ends."""

    def test_the_page_says_so_and_passwords_still_work(self):
        provider.kill()
        # The metadata is cached: it is the exchange that fails, or a provider that was never reached.
        browser = Browser()
        form = {"name": server.user, "password": server.password}
        page = browser.open(f"{base}/sign-in", form, {"Origin": base})
        self.assertEqual(page.status, 200)
        self.assertEqual(by_session(browser)["user"], server.user)
