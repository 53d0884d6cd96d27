"""The seal of the legal log: queue, chain of hashes and daily roots (§3.8, G.3)."""

from pathlib import Path

import django.db.models.functions.datetime
from django.db import migrations, models

SQL = (Path(__file__).parent / "sql" / "audit_seal.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("core", "0004_data_keys")]

    operations = [
        migrations.RunSQL(
            SQL,
            migrations.RunSQL.noop,
            state_operations=[
                migrations.CreateModel(
                    name="AuditSeal",
                    fields=[
                        ("number", models.BigIntegerField(primary_key=True, serialize=False, verbose_name="numéro")),
                        ("entry_id", models.BigIntegerField(verbose_name="entrée")),
                        ("entry_at", models.DateTimeField(verbose_name="date de l'entrée")),
                        ("digest", models.BinaryField(verbose_name="empreinte de l'entrée")),
                        ("chain", models.BinaryField(verbose_name="empreinte de la chaîne")),
                    ],
                    options={
                        "verbose_name": "sceau du journal",
                        "verbose_name_plural": "sceaux du journal",
                        "db_table": "audit_seal",
                    },
                ),
                migrations.CreateModel(
                    name="AuditRoot",
                    fields=[
                        ("day", models.DateField(primary_key=True, serialize=False, verbose_name="jour")),
                        ("number", models.BigIntegerField(verbose_name="dernier numéro")),
                        ("chain", models.BinaryField(verbose_name="empreinte de la chaîne")),
                        ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="le")),
                    ],
                    options={
                        "verbose_name": "racine du journal",
                        "verbose_name_plural": "racines du journal",
                        "db_table": "audit_root",
                    },
                ),
            ],
        ),
    ]
