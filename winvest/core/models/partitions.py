"""Tables that grow for ever are cut by month (Annexe A.6): partitions exist before their rows."""

from django.db import connection
from django.db.migrations.operations import RunSQL

MONTHS_AHEAD = 12

# Each partitioned table with the instant (UTC) that chooses the month.
_by_month = {"audit_log": "at"}


def partition_by_month(table: str, key: str) -> None:
    """Have the daily sweeper create the partitions of `table`; called in `AppConfig.ready()`."""
    _by_month[table] = key


def first_partitions(table: str, key: str) -> RunSQL:
    """Return the migration operation that gives a new partitioned table its first partitions.

    The default one takes what no month covers, so that a late sweeper never stops the business;
    it stays empty as long as the sweeper runs, and the sweeper empties it.
    """
    return RunSQL(
        f"CREATE TABLE {table}_default PARTITION OF {table} DEFAULT;"
        f"SELECT create_month_partitions('{table}', '{key}', {MONTHS_AHEAD});",
        RunSQL.noop,
    )


def create_partitions() -> None:
    """Create the partitions of the months to come of every registered table."""
    with connection.cursor() as cursor:
        for table, key in _by_month.items():
            cursor.execute("SELECT create_month_partitions(%s, %s, %s)", [table, key, MONTHS_AHEAD])
