"""Full text in French: what makes words of a text, and a question of what somebody types."""

from pathlib import Path

from django.db import migrations

FRENCH_WORDS_SQL = (Path(__file__).parent / 'sql' / 'french_words.sql').read_text(encoding='utf-8')


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0019_import_of_indices'),
    ]

    operations = [
        migrations.RunSQL(
            FRENCH_WORDS_SQL,
            'DROP FUNCTION fr_query(text), fr_words(text[]), fr_plain(text)',
        ),
    ]
