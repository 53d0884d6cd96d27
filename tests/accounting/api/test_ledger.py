"""The ledger, booked by the API and attacked by SQL."""

import pytest
from django.db import IntegrityError, connection, transaction

from accounting.models import Entry
from tests.support.operations import post

ADD_A_LINE = """
INSERT INTO accounting_line (id, entry_id, company_id, position, role, account, auxiliary, debit,
    credit, product_label, partner_label, cost_center, tax_code, tax_rate, tax_base, tax_amount)
SELECT gen_random_uuid(), %s, company_id, 9, 'main', '706100', '', 1, 0, '', '', '', '', 0, 0, 0
FROM accounting_entry;
SET CONSTRAINTS ALL IMMEDIATE
"""


# What balances, and is refused all the same: nothing is added to what is booked.
ADDITIONS = {
    "two balanced lines": """
        INSERT INTO accounting_line (id, company_id, entry_id, position, role, account, auxiliary,
            debit, credit, product_label, partner_label, cost_center, tax_code, tax_rate, tax_base,
            tax_amount)
        SELECT gen_random_uuid(), company_id, id, 90 + side, 'main', '706100', '', side * 5,
            5 - side * 5, '', '', '', '', 0, 0, 0
        FROM accounting_entry, generate_series(0, 1) AS side""",
    "a whole entry": """
        WITH entry AS (
            INSERT INTO accounting_entry
            SELECT (jsonb_populate_record(entry, jsonb_build_object(
                'id', gen_random_uuid(), 'number', 999999))).*
            FROM accounting_entry entry RETURNING id, company_id
        )
        INSERT INTO accounting_line
        SELECT (jsonb_populate_record(line, jsonb_build_object(
            'id', gen_random_uuid(), 'entry_id', entry.id))).*
        FROM accounting_line line, entry""",
    "a parked operation said booked": """
        UPDATE operation SET state = 'booked', booked_at = now(), entry_count = 1
        WHERE state = 'parked'""",
}


def run(statement, params=()):
    """Run a statement by SQL, deferred checks of what came before done first."""
    with transaction.atomic(), connection.cursor() as cursor:
        # Pending checks would stop TRUNCATE before our trigger does.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute(statement, params)


@pytest.mark.django_db
class TestLedger:
    """The database itself refuses what the business refuses."""

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE accounting_line SET credit = credit + 1 WHERE credit > 0",
            "DELETE FROM accounting_line",
            "UPDATE accounting_entry SET date = date + 1",
            "DELETE FROM accounting_entry",
            "TRUNCATE accounting_entry CASCADE",
            "TRUNCATE accounting_line",
            "UPDATE operation SET amount = 1",
            "DELETE FROM operation",
        ],
    )
    def test_a_written_entry_never_changes(self, module, box, body, statement):
        post(module, body())
        with pytest.raises(IntegrityError, match=r"append-only|facts never change"):
            run(statement)

    def test_an_unbalanced_entry_is_refused(self, module, box, body):
        post(module, body())
        entry = Entry.objects.get()
        with pytest.raises(IntegrityError, match="not balanced"):
            run(ADD_A_LINE, [entry.pk])

    @pytest.mark.parametrize("statement", ADDITIONS.values(), ids=ADDITIONS)
    def test_nothing_is_added_to_what_is_booked(self, module, box, body, statement):
        post(module, body("V-1"))
        post(module, body("V-2", plan="AUTRE"))
        with pytest.raises(IntegrityError, match=r"not balanced|not its own entries"):
            run(f"{statement}; SET CONSTRAINTS ALL IMMEDIATE")
