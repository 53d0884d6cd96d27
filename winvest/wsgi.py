"""WSGI entry point."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "winvest.settings.development")

application = get_wsgi_application()

# What the start has made lives as long as the process: the collector never looks at it again,
# which took a request out of twenty a third of a second.
gc.collect()
gc.freeze()
