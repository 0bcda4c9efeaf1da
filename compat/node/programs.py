"""The programs, in a folder with the packages of the lock file."""

import os

import commands
import context
import node_packages

HERE = os.path.dirname(os.path.abspath(__file__))


def install():
    return node_packages.install(HERE)


def run(program, *args, **changed):
    """Runs a program with the variables of `stagepost env node`; `None` removes one."""
    settings = context.server.printed_environment("node")
    # The SDK would read settings from HOME.
    settings["HOME"] = commands.home()
    settings |= changed
    return commands.run(["node", os.path.join(install(), program), *args], settings)
