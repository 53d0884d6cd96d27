"""WSGI entry point."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import reverse

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "winvest.settings.development")

application = get_wsgi_application()

# The addresses, and with them every page and view, are loaded now, not by the first request.
reverse("admin:index")
# What the start has made lives as long as the process: the collector never looks at it again,
# which took a request out of twenty a third of a second.
gc.collect()
gc.freeze()
# A page makes two thousand objects that it frees itself. Looking for cycles at each seven hundred,
# and through everything at every fiftieth page, took a twentieth of its time.
gc.set_threshold(10_000, 20, 20)
