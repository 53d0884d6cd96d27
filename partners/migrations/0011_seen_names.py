"""Refuse signs that nobody sees in names; those that are there already are taken out."""

import django.core.validators
from django.db import migrations, models


COLUMNS = [
    ('partner', 'name'),
    ('partner', 'legal_name'),
    ('partner', 'export_label'),
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
        ('core', '0026_filled_names'),
        ('partners', '0010_json_kinds'),
    ]

    operations = [
        migrations.RunSQL(CLEANED, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name='historicalpartner',
            name='export_label',
            field=models.CharField(blank=True, db_default='', default='', help_text='Nom écrit dans les fichiers comptables ; à défaut, le nom du partenaire.', max_length=160, validators=[django.core.validators.RegexValidator('[\\u00AD\\u034F\\u061C\\u115F\\u1160\\u17B4\\u17B5\\u180E\\u200B-\\u200F\\u202A-\\u202E\\u2060-\\u206F\\u3164\\uFEFF\\uFFA0\\U000E0000-\\U000E007F]', "Ce texte porte un signe invisible ou qui change le sens d'écriture.", code='unseen_sign', inverse_match=True)], verbose_name='libellé dans les exports'),
        ),
        migrations.AlterField(
            model_name='historicalpartner',
            name='legal_name',
            field=models.CharField(max_length=160, validators=[django.core.validators.RegexValidator('[\\u00AD\\u034F\\u061C\\u115F\\u1160\\u17B4\\u17B5\\u180E\\u200B-\\u200F\\u202A-\\u202E\\u2060-\\u206F\\u3164\\uFEFF\\uFFA0\\U000E0000-\\U000E007F]', "Ce texte porte un signe invisible ou qui change le sens d'écriture.", code='unseen_sign', inverse_match=True)], verbose_name='raison sociale'),
        ),
        migrations.AlterField(
            model_name='historicalpartner',
            name='name',
            field=models.CharField(max_length=160, validators=[django.core.validators.RegexValidator('[\\u00AD\\u034F\\u061C\\u115F\\u1160\\u17B4\\u17B5\\u180E\\u200B-\\u200F\\u202A-\\u202E\\u2060-\\u206F\\u3164\\uFEFF\\uFFA0\\U000E0000-\\U000E007F]', "Ce texte porte un signe invisible ou qui change le sens d'écriture.", code='unseen_sign', inverse_match=True)], verbose_name='nom'),
        ),
        migrations.AlterField(
            model_name='partner',
            name='export_label',
            field=models.CharField(blank=True, db_default='', default='', help_text='Nom écrit dans les fichiers comptables ; à défaut, le nom du partenaire.', max_length=160, validators=[django.core.validators.RegexValidator('[\\u00AD\\u034F\\u061C\\u115F\\u1160\\u17B4\\u17B5\\u180E\\u200B-\\u200F\\u202A-\\u202E\\u2060-\\u206F\\u3164\\uFEFF\\uFFA0\\U000E0000-\\U000E007F]', "Ce texte porte un signe invisible ou qui change le sens d'écriture.", code='unseen_sign', inverse_match=True)], verbose_name='libellé dans les exports'),
        ),
        migrations.AlterField(
            model_name='partner',
            name='legal_name',
            field=models.CharField(max_length=160, validators=[django.core.validators.RegexValidator('[\\u00AD\\u034F\\u061C\\u115F\\u1160\\u17B4\\u17B5\\u180E\\u200B-\\u200F\\u202A-\\u202E\\u2060-\\u206F\\u3164\\uFEFF\\uFFA0\\U000E0000-\\U000E007F]', "Ce texte porte un signe invisible ou qui change le sens d'écriture.", code='unseen_sign', inverse_match=True)], verbose_name='raison sociale'),
        ),
        migrations.AlterField(
            model_name='partner',
            name='name',
            field=models.CharField(max_length=160, validators=[django.core.validators.RegexValidator('[\\u00AD\\u034F\\u061C\\u115F\\u1160\\u17B4\\u17B5\\u180E\\u200B-\\u200F\\u202A-\\u202E\\u2060-\\u206F\\u3164\\uFEFF\\uFFA0\\U000E0000-\\U000E007F]', "Ce texte porte un signe invisible ou qui change le sens d'écriture.", code='unseen_sign', inverse_match=True)], verbose_name='nom'),
        ),
        migrations.AddConstraint(
            model_name='partner',
            constraint=models.CheckConstraint(condition=models.Q(('name__regex', '[\\u00AD\\u034F\\u061C\\u115F\\u1160\\u17B4\\u17B5\\u180E\\u200B-\\u200F\\u202A-\\u202E\\u2060-\\u206F\\u3164\\uFEFF\\uFFA0\\U000E0000-\\U000E007F]'), _negated=True), name='partner_name_seen', violation_error_message="Ce texte porte un signe invisible ou qui change le sens d'écriture."),
        ),
        migrations.AddConstraint(
            model_name='partner',
            constraint=models.CheckConstraint(condition=models.Q(('legal_name__regex', '[\\u00AD\\u034F\\u061C\\u115F\\u1160\\u17B4\\u17B5\\u180E\\u200B-\\u200F\\u202A-\\u202E\\u2060-\\u206F\\u3164\\uFEFF\\uFFA0\\U000E0000-\\U000E007F]'), _negated=True), name='partner_legal_name_seen', violation_error_message="Ce texte porte un signe invisible ou qui change le sens d'écriture."),
        ),
        migrations.AddConstraint(
            model_name='partner',
            constraint=models.CheckConstraint(condition=models.Q(('export_label__regex', '[\\u00AD\\u034F\\u061C\\u115F\\u1160\\u17B4\\u17B5\\u180E\\u200B-\\u200F\\u202A-\\u202E\\u2060-\\u206F\\u3164\\uFEFF\\uFFA0\\U000E0000-\\U000E007F]'), _negated=True), name='partner_export_label_seen', violation_error_message="Ce texte porte un signe invisible ou qui change le sens d'écriture."),
        ),
    ]
