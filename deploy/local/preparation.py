"""Bring schema, reference data and demo data up to date, in one start of Django.

Run by the launcher once the databases answer: `python -m deploy.local.preparation FILE URL`.
"""

import gc
import sys

import django
from django.core.management import call_command

# A migration makes hundreds of model classes anew: the collector's usual pace is a fifth of it.
PACE = (50_000, 20, 50)


def main(accounts: str, url: str) -> None:
    """Migrate, then load what may already be there; the demo accounts go to `accounts`."""
    gc.set_threshold(*PACE)
    django.setup()
    gc.freeze()
    call_command("migrate", interactive=False, skip_checks=False)
    call_command("load_reference")
    call_command("load_demo", "--accounts", accounts, "--url", url)


if __name__ == "__main__":
    main(*sys.argv[1:])
