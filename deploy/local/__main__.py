"""The commands of the Makefile: first with any Python >= 3.11, then in the virtual environment."""

import os
import sys

from deploy.local import bootstrap
from deploy.local.errors import SetupError
from deploy.local.layout import PYTHON, ROOT, VENV
from deploy.local.output import complain

LOCK_OF = {
    **dict.fromkeys(("run", "demo-large", "bench"), "run"),
    **dict.fromkeys(("test", "coverage", "check", "lock"), "develop"),
}
INTERRUPTED = 130  # what shells return after Ctrl-C


def main(arguments: list[str]) -> int:
    """Run a command; a problem of the machine is one line on standard error, and 1."""
    command, *rest = arguments
    try:
        if command in LOCK_OF and not _in_virtual_environment():
            bootstrap.ensure_environment(LOCK_OF[command], browser=command in ("test", "coverage"))
            os.chdir(ROOT)
            os.execv(PYTHON, [PYTHON, "-m", "deploy.local", *arguments])  # noqa: S606
        return _dispatch(command, rest)
    except SetupError as error:
        complain(str(error))
        return 1
    except KeyboardInterrupt:
        complain("interrompu ; relancez la même commande pour reprendre.")
        return INTERRUPTED


def _dispatch(command: str, arguments: list[str]) -> int:
    """Import the command's module only here: some need the packages of the environment."""
    match command:
        case "run":
            from deploy.local import launcher

            return launcher.run(os.environ)
        case "test":
            from deploy.local import testing

            return testing.run(os.environ, arguments)
        case "coverage":
            from deploy.local import covered

            return covered.run(os.environ, arguments)
        case "check":
            from deploy.local import checks

            return checks.run(os.environ)
        case "demo-large":
            from deploy.local import volume

            return volume.load(os.environ, arguments)
        case "bench":
            from deploy.local import volume

            return volume.bench(os.environ, arguments)
        case "lock":
            from deploy.local import locks

            return locks.renew()
        case "requirements":
            from deploy.local import requirements

            return requirements.run()
        case _:
            raise SetupError(f"commande inconnue : {command}.")


def _in_virtual_environment() -> bool:
    return VENV.exists() and VENV.samefile(sys.prefix)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
