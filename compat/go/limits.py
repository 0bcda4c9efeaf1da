"""The SDK at a server that limits the rate of each credential; the program `limits` makes the calls."""

import limited_calls
import programs


class Limits(limited_calls.LimitedCalls):
    def call(self, *args):
        return programs.run("codeartsrepo", "limits", *args, server=self.server)
