"""The configuration of supervisor, and the orders that the launcher gives it."""

import shlex
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from deploy.local.errors import SetupError
from deploy.local.layout import PYTHON, ROOT, Instance, from_root
from deploy.local.ports import HOST
from deploy.local.processes import tied_to_parent

# Groups stop one after the other, the highest priority first: no request or task begins while
# the databases leave. The waits add up to less than the ten seconds that Ctrl-C may take.
SERVICES, WORK, FRONT = 10, 20, 30
WAITS = {SERVICES: 2, WORK: 3, FRONT: 3}
NAMES = {SERVICES: "services", WORK: "work", FRONT: "front"}

# granian: a third less CPU a request than gunicorn (design notes). A worker that dies must not
# take the server along, nor a request in flight block Ctrl-C: hence the two options.
WEB = (
    "-m granian --interface wsgi --workers 2 --blocking-threads 4 --respawn-failed-workers "
    "--workers-kill-timeout 2 --no-ws"
)
WORKER = "-m celery --quiet -A winvest worker -Q default,exports,webhooks -c 2 --loglevel WARNING"
BEAT = "-m celery --quiet -A winvest beat --loglevel WARNING"


@dataclass(frozen=True, slots=True)
class Program:
    """One process under supervisor."""

    name: str
    command: Sequence[str]
    group: int
    stop_signal: str = "TERM"
    at_once: bool = False  # started with supervisor, not on demand
    folder: str = ""  # below the data folder, where it starts; else in the checkout


def application(port: int) -> list[Program]:
    """Return the processes of the product itself: web server, worker, beat."""
    web = [*WEB.split(), "--host", HOST, "--port", str(port), "winvest.wsgi:application"]
    return [
        Program("web", tied_to_parent([PYTHON, *web]), FRONT),
        Program("beat", tied_to_parent([PYTHON, *BEAT.split()]), FRONT),
        Program("worker", tied_to_parent([PYTHON, *WORKER.split()]), WORK),
    ]


def configuration(where: Instance, programs: Iterable[Program]) -> str:
    """Return the text of supervisor's configuration.

    Paths reach it through the environment: there, no character of theirs has a meaning.
    """
    chosen = list(programs)
    groups = sorted({program.group for program in chosen})
    return "\n".join(
        [
            "[supervisord]",
            "nodaemon = true",
            "silent = true",
            "logfile = %(ENV_WINVEST_VAR)s/log/supervisor.log",
            "logfile_maxbytes = 1MB",
            "logfile_backups = 1",
            "pidfile = %(ENV_WINVEST_VAR)s/run/supervisor.pid",
            "childlogdir = %(ENV_WINVEST_VAR)s/log",
            "",
            "[unix_http_server]",
            f"file = {where.supervisor_socket}",
            "",
            "[supervisorctl]",
            f"serverurl = unix://{where.supervisor_socket}",
            "",
            "[rpcinterface:supervisor]",
            "supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface",
            "",
            *(line for group in groups for line in _group(group, chosen)),
            *(line for program in chosen for line in _program(program)),
        ]
    )


def start(where: Instance, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start supervisor, which leaves with this process and is deaf to the terminal's Ctrl-C."""
    command = [PYTHON, "-m", "supervisor.supervisord", "-c", _path(where)]
    with (where.log / "supervisor.out").open("ab") as output:
        return subprocess.Popen(
            tied_to_parent(command),
            cwd=ROOT,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def start_programs(where: Instance, environment: Mapping[str, str], *names: str) -> None:
    """Start programs that were left for when the database is ready, as `group:program`."""
    done = subprocess.run(
        [PYTHON, "-m", "supervisor.supervisorctl", "-c", _path(where), "start", *names],
        cwd=ROOT,
        env=dict(environment),
        capture_output=True,
        text=True,
        check=False,
    )
    if "ERROR" in done.stdout or "refused" in done.stdout:
        raise SetupError(
            f"un processus ne démarre pas ; la raison est dans {from_root(where.log)} "
            "(web.log, worker.log, beat.log)."
        )


def _path(where: Instance) -> str:
    return from_root(where.run / "supervisor.conf")


def _group(group: int, programs: Iterable[Program]) -> list[str]:
    members = ",".join(program.name for program in programs if program.group == group)
    return [f"[group:{NAMES[group]}]", f"programs = {members}", f"priority = {group}", ""]


def _program(program: Program) -> list[str]:
    command = shlex.join(program.command).replace("%", "%%")
    return [
        f"[program:{program.name}]",
        f"command = {command}",
        *([f"directory = %(ENV_WINVEST_VAR)s/{program.folder}"] if program.folder else []),
        f"priority = {program.group}",
        f"autostart = {str(program.at_once).lower()}",
        "autorestart = true",
        "startsecs = 1",
        f"stopsignal = {program.stop_signal}",
        f"stopwaitsecs = {WAITS[program.group]}",
        "killasgroup = true",
        "redirect_stderr = true",
        f"stdout_logfile = %(ENV_WINVEST_VAR)s/log/{program.name}.log",
        "stdout_logfile_maxbytes = 5MB",
        "stdout_logfile_backups = 2",
        "",
    ]
