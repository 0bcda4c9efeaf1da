"""What a browser does: cookies, redirects, links and forms."""

import html
import http.cookiejar
import re
import urllib.error
import urllib.parse
import urllib.request

SECONDS = 30
FORM = re.compile(r'<form[^>]* action="([^"]+)"[^>]*>(.*?)</form>', re.DOTALL)
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
FORWARD = re.compile(r'<meta http-equiv="refresh" content="0;url=([^"]+)">')


class Page:
    """A response, after redirects."""

    def __init__(self, response):
        self.status, self.url = response.status, response.url
        self.headers = response.headers
        self.text = response.read().decode()

    def form(self):
        """The address and the hidden fields of the first form."""
        action, content = FORM.search(self.text).groups()
        return urllib.parse.urljoin(self.url, html.unescape(action)), dict(HIDDEN.findall(content))


class Browser:
    """One browser with its cookies. It follows redirects, and the pages that load another one."""

    def __init__(self):
        self.cookies = http.cookiejar.CookieJar()
        processor = urllib.request.HTTPCookieProcessor(self.cookies)
        # Without the proxies of the environment.
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), processor)
        self.visited = []

    def open(self, url, form=None, headers=None):
        body = urllib.parse.urlencode(form).encode() if form is not None else None
        # The pages of the provider do not need it.
        common = {"Accept": "text/html", "Accept-Language": "en"}
        request = urllib.request.Request(url, body, common | (headers or {}))
        try:
            page = Page(self.opener.open(request, timeout=SECONDS))
        except urllib.error.HTTPError as error:
            page = Page(error)
        self.visited.append(page.url)
        forward = FORWARD.search(page.text)
        if forward:
            return self.open(urllib.parse.urljoin(page.url, html.unescape(forward[1])))
        return page

    def sign_in(self, start, login):
        """Starts a sign-in at an address of the server and answers the forms of the provider."""
        page = self.open(start)
        while "/interaction/" in page.url:
            action, fields = page.form()
            if fields["prompt"] == "login":
                fields |= {"login": login, "password": "any"}
            page = self.open(action, fields)
        return page

    def cookie(self, name):
        return next((cookie.value for cookie in self.cookies if cookie.name == name), None)
