"""Refuse signs that nobody sees in names; those that are there already are taken out."""

import django.core.validators
from django.conf import settings
from django.db import migrations, models


COLUMNS = [
    ('product', 'name'),
    ('product', 'short_name'),
    ('product', 'carrier'),
    ('risk', 'label'),
]
# As the constraints say it (`winvest.core.models.validators.UNSEEN_SIGNS`).
SIGNS = (
    r'[\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180E\u200B-\u200F\u202A-\u202E\u2060-\u206F'
    r'\u3164\uFEFF\uFFA0\U000E0000-\U000E007F]'
)
CLEANED = ';'.join(
    f"UPDATE {table} SET {column} = regexp_replace({column}, '{SIGNS}', '', 'g')"
    f" WHERE {column} ~ '{SIGNS}'"
    for table, column in COLUMNS
)


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0026_json_kinds'),
        ('core', '0026_filled_names'),
        ('partners', '0010_json_kinds'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(CLEANED, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name='historicalproduct',
            name='carrier',
            field=models.CharField(blank=True, help_text="Qui porte le risque quand le partenaire n'est qu'un intermédiaire.", max_length=160, null=True, validators=[django.core.validators.RegexValidator('[\\u00AD\\u034F\\u061C\\u115F\\u1160\\u17B4\\u17B5\\u180E\\u200B-\\u200F\\u202A-\\u202E\\u2060-\\u206F\\u3164\\uFEFF\\uFFA0\\U000E0000-\\U000E007F]', "Ce texte porte un signe invisible ou qui change le sens d'écriture.", code='unseen_sign', inverse_match=True)], verbose_name='assureur porteur'),
        ),
        migrations.AlterField(
            model_name='historicalproduct',
            name='name',
            field=models.CharField(max_length=160, validators=[django.core.validators.RegexValidator('[\\u00AD\\u034F\\u061C\\u115F\\u1160\\u17B4\\u17B5\\u180E\\u200B-\\u200F\\u202A-\\u202E\\u2060-\\u206F\\u3164\\uFEFF\\uFFA0\\U000E0000-\\U000E007F]', "Ce texte porte un signe invisible ou qui change le sens d'écriture.", code='unseen_sign', inverse_match=True)], verbose_name='nom'),
        ),
        migrations.AlterField(
            model_name='historicalproduct',
            name='short_name',
            field=models.CharField(blank=True, max_length=80, null=True, validators=[django.core.validators.RegexValidator('[\\u00AD\\u034F\\u061C\\u115F\\u1160\\u17B4\\u17B5\\u180E\\u200B-\\u200F\\u202A-\\u202E\\u2060-\\u206F\\u3164\\uFEFF\\uFFA0\\U000E0000-\\U000E007F]', "Ce texte porte un signe invisible ou qui change le sens d'écriture.", code='unseen_sign', inverse_match=True)], verbose_name='libellé court'),
        ),
        migrations.AlterField(
            model_name='historicalrisk',
            name='label',
            field=models.CharField(max_length=120, validators=[django.core.validators.RegexValidator('[\\u00AD\\u034F\\u061C\\u115F\\u1160\\u17B4\\u17B5\\u180E\\u200B-\\u200F\\u202A-\\u202E\\u2060-\\u206F\\u3164\\uFEFF\\uFFA0\\U000E0000-\\U000E007F]', "Ce texte porte un signe invisible ou qui change le sens d'écriture.", code='unseen_sign', inverse_match=True)], verbose_name='libellé'),
        ),
        migrations.AlterField(
            model_name='product',
            name='carrier',
            field=models.CharField(blank=True, help_text="Qui porte le risque quand le partenaire n'est qu'un intermédiaire.", max_length=160, null=True, validators=[django.core.validators.RegexValidator('[\\u00AD\\u034F\\u061C\\u115F\\u1160\\u17B4\\u17B5\\u180E\\u200B-\\u200F\\u202A-\\u202E\\u2060-\\u206F\\u3164\\uFEFF\\uFFA0\\U000E0000-\\U000E007F]', "Ce texte porte un signe invisible ou qui change le sens d'écriture.", code='unseen_sign', inverse_match=True)], verbose_name='assureur porteur'),
        ),
        migrations.AlterField(
            model_name='product',
            name='name',
            field=models.CharField(max_length=160, validators=[django.core.validators.RegexValidator('[\\u00AD\\u034F\\u061C\\u115F\\u1160\\u17B4\\u17B5\\u180E\\u200B-\\u200F\\u202A-\\u202E\\u2060-\\u206F\\u3164\\uFEFF\\uFFA0\\U000E0000-\\U000E007F]', "Ce texte porte un signe invisible ou qui change le sens d'écriture.", code='unseen_sign', inverse_match=True)], verbose_name='nom'),
        ),
        migrations.AlterField(
            model_name='product',
            name='short_name',
            field=models.CharField(blank=True, max_length=80, null=True, validators=[django.core.validators.RegexValidator('[\\u00AD\\u034F\\u061C\\u115F\\u1160\\u17B4\\u17B5\\u180E\\u200B-\\u200F\\u202A-\\u202E\\u2060-\\u206F\\u3164\\uFEFF\\uFFA0\\U000E0000-\\U000E007F]', "Ce texte porte un signe invisible ou qui change le sens d'écriture.", code='unseen_sign', inverse_match=True)], verbose_name='libellé court'),
        ),
        migrations.AlterField(
            model_name='risk',
            name='label',
            field=models.CharField(max_length=120, validators=[django.core.validators.RegexValidator('[\\u00AD\\u034F\\u061C\\u115F\\u1160\\u17B4\\u17B5\\u180E\\u200B-\\u200F\\u202A-\\u202E\\u2060-\\u206F\\u3164\\uFEFF\\uFFA0\\U000E0000-\\U000E007F]', "Ce texte porte un signe invisible ou qui change le sens d'écriture.", code='unseen_sign', inverse_match=True)], verbose_name='libellé'),
        ),
        migrations.AddConstraint(
            model_name='product',
            constraint=models.CheckConstraint(condition=models.Q(('name__regex', '[\\u00AD\\u034F\\u061C\\u115F\\u1160\\u17B4\\u17B5\\u180E\\u200B-\\u200F\\u202A-\\u202E\\u2060-\\u206F\\u3164\\uFEFF\\uFFA0\\U000E0000-\\U000E007F]'), _negated=True), name='product_name_seen', violation_error_message="Ce texte porte un signe invisible ou qui change le sens d'écriture."),
        ),
        migrations.AddConstraint(
            model_name='product',
            constraint=models.CheckConstraint(condition=models.Q(('short_name__regex', '[\\u00AD\\u034F\\u061C\\u115F\\u1160\\u17B4\\u17B5\\u180E\\u200B-\\u200F\\u202A-\\u202E\\u2060-\\u206F\\u3164\\uFEFF\\uFFA0\\U000E0000-\\U000E007F]'), _negated=True), name='product_short_name_seen', violation_error_message="Ce texte porte un signe invisible ou qui change le sens d'écriture."),
        ),
        migrations.AddConstraint(
            model_name='product',
            constraint=models.CheckConstraint(condition=models.Q(('carrier__regex', '[\\u00AD\\u034F\\u061C\\u115F\\u1160\\u17B4\\u17B5\\u180E\\u200B-\\u200F\\u202A-\\u202E\\u2060-\\u206F\\u3164\\uFEFF\\uFFA0\\U000E0000-\\U000E007F]'), _negated=True), name='product_carrier_seen', violation_error_message="Ce texte porte un signe invisible ou qui change le sens d'écriture."),
        ),
        migrations.AddConstraint(
            model_name='risk',
            constraint=models.CheckConstraint(condition=models.Q(('label__regex', '[\\u00AD\\u034F\\u061C\\u115F\\u1160\\u17B4\\u17B5\\u180E\\u200B-\\u200F\\u202A-\\u202E\\u2060-\\u206F\\u3164\\uFEFF\\uFFA0\\U000E0000-\\U000E007F]'), _negated=True), name='risk_label_seen', violation_error_message="Ce texte porte un signe invisible ou qui change le sens d'écriture."),
        ),
    ]
