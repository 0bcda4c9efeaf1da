"""A private PostgreSQL: one cluster for all servers of a run, a database for each of them.

As a program it runs a command beside a cluster: `python3 postgres.py COMMAND...`; COMPAT_POSTGRES is a URL there without the database,
and PATH has psql. With COMPAT_POSTGRES_FSYNC=on its commits wait for the disk."""

import atexit
import functools
import glob
import itertools
import os
import pwd
import random
import re
import shutil
import socket
import subprocess
import sys
import tempfile

# Lives until its input ends, which it does with whoever started it, however that ends. Whatever it runs does not hold its output.
KEEPER = r"""
trap '' HUP INT QUIT TERM
bin=$1 dir=$2 port=$3 sync=$4
{
    "$bin/initdb" --no-sync --auth=trust --username=postgres --encoding=UTF8 --locale=C --locale-provider=icu --icu-locale=en-US \
        --pgdata="$dir/data" &&
    printf 'fsync = %s\nfull_page_writes = %s\nmax_connections = 200\n' "$sync" "$sync" >> "$dir/data/postgresql.conf" &&
    "$bin/pg_ctl" --pgdata="$dir/data" --log="$dir/log" --wait -o "-h 127.0.0.1 -p $port -k $dir" start
} > "$dir/start" 2>&1 && echo ready || cat "$dir/start" "$dir/log"
exec 1>&-
cat > /dev/null
"$bin/pg_ctl" --pgdata="$dir/data" --mode=immediate --wait stop > "$dir/stop" 2>&1
# Whoever made the folder takes away what is left of it; here it may not be ours to take.
rm -rf "$dir" 2> /dev/null
"""


@functools.cache
def programs():
    """The folder of the newest version's programs."""

    def number(folder):
        return int(re.search(r"/(\d+)/bin$", folder)[1])

    debian = sorted(glob.glob("/usr/lib/postgresql/[0-9]*/bin"), key=number, reverse=True)
    for folder in [*debian, *os.get_exec_path()]:
        if all(os.path.exists(os.path.join(folder, name)) for name in ("postgres", "initdb", "pg_ctl", "psql")):
            return folder
    raise RuntimeError("PostgreSQL is missing. On Debian: apt-get install -y --no-install-recommends postgresql")


@functools.cache
def cluster():
    """Starts it; its URL without a database."""
    folder = tempfile.mkdtemp(prefix="stagepost-pg-")
    rights = {}
    if os.geteuid() == 0:
        # It refuses to be root's.
        user = next(user for name in ("postgres", "nobody") for user in pwd.getpwall() if user.pw_name == name)
        os.chown(folder, user.pw_uid, user.pw_gid)
        rights = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    port = free_port()
    keeper = subprocess.Popen(
        ["sh", "-c", KEEPER, "keeper", programs(), folder, str(port), os.environ.get("COMPAT_POSTGRES_FSYNC", "off")],
        env=plain_environment(),
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        **rights,
    )
    said = keeper.stdout.read()
    atexit.register(end, keeper, folder)
    if said.strip() != "ready":
        raise RuntimeError(f"PostgreSQL does not start:\n{said}")
    url = f"postgres://postgres@127.0.0.1:{port}"
    run(url, "CREATE ROLE stagepost LOGIN")
    return url


def end(keeper, folder):
    keeper.stdin.close()
    keeper.wait()
    shutil.rmtree(folder, ignore_errors=True)


numbers = itertools.count()


def database():
    """The URL of a new one, whose owner has no other rights."""
    name = f"compat_{next(numbers)}"
    run(cluster(), f"CREATE DATABASE {name} OWNER stagepost")
    return f"{cluster().replace('postgres@', 'stagepost@')}/{name}"


def run(url, statement):
    """What an administrator does to the cluster."""
    command = [
        os.path.join(programs(), "psql"),
        "--no-psqlrc",
        "--quiet",
        "--dbname",
        f"{url}/postgres",
        "--command",
        statement,
    ]
    subprocess.run(command, env=plain_environment(), stdin=subprocess.DEVNULL, check=True)


def plain_environment():
    """Where whoever runs the tests has databases is nothing to these."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")} | {"LC_ALL": "C"}


def free_port():
    """One that nobody has, below those that the system gives to connections going out."""
    while True:
        port = random.randrange(10_000, 32_000)
        with socket.socket() as found:
            try:
                found.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


if __name__ == "__main__":
    path = programs() + os.pathsep + os.environ["PATH"]
    sys.exit(subprocess.run(sys.argv[1:], env=os.environ | {"COMPAT_POSTGRES": cluster(), "PATH": path}).returncode)
