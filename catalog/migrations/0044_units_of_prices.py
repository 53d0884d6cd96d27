"""A price by use names its unit: neither an empty text nor spaces (A.3.3)."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_name("sql")
UNITS = (SQL / "price_units.sql").read_text(encoding="utf-8")
BEFORE = (SQL / "price_tiers.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):

    dependencies = [("catalog", "0043_reasons_in_full")]

    operations = [migrations.RunSQL(UNITS, BEFORE)]
