"""The SDK's core at a server that limits the rate of each credential; the program `Limits` makes the calls."""

import limited_calls
import programs


class Limits(limited_calls.LimitedCalls):
    module = "core"

    @classmethod
    def setUpClass(cls):
        programs.require(cls.module)
        super().setUpClass()

    def call(self, *args):
        return programs.run(self.module, "stagepost.compat.Limits", *args, server=self.server)
