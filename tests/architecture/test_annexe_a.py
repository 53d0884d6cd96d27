"""The tables of Annexe A as PostgreSQL has them: names, types, nullability, defaults, lists.

`annexe_a.csv` is A.2.1 to A.2.3, read with `lectures.md`: a risk of the group has no company
(M-02), `both` is a clientele (M-17), webhook events have the four states of C.7 (A-01), types of
documents are reference data (B.2, B.4, B.8), and rows written by SQL alone have no author. The log
is partitioned, its key is a number and a date; its instant is the change's, not its transaction's.
"""

import csv
from itertools import groupby
from pathlib import Path

import pytest
from django.db import connection

TABLE = Path(__file__).with_suffix("").with_name("annexe_a.csv")
# CHAR(3) is kept as varchar(3) with the same three letters checked; the rest is literal.
TYPES = {
    "uuid": "UUID",
    "text": "TEXT",
    "jsonb": "JSONB",
    "boolean": "BOOL",
    "integer": "INT",
    "bigint": "BIGINT",
    "timestamp with time zone": "TIMESTAMPTZ",
}
# Encrypted where the annex says so: the column holds what the data key sealed.
SEALED = {("partner_credential", "credentials"), ("webhook_endpoint", "secret")}
# Closed by a foreign key to the codes of a table, which holds at least those of the annex.
REFERENCES = {("product_document", "type"): "document_type"}


def _tables() -> dict[str, list[dict[str, str]]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    return {name: list(group) for name, group in groupby(rows, key=lambda row: row["table"])}


def _columns(cursor, table: str) -> dict[str, dict[str, str]]:
    cursor.execute(
        "SELECT column_name, data_type, character_maximum_length, numeric_precision, numeric_scale,"
        " is_nullable, column_default FROM information_schema.columns WHERE table_name = %s",
        [table],
    )
    columns = {}
    for name, kind, length, precision, scale, nullable, default in cursor.fetchall():
        text = TYPES.get(kind, kind)
        if kind == "character varying":
            text = f"VARCHAR({length})"
        elif kind == "numeric":
            text = f"DECIMAL({precision},{scale})"
        columns[name] = {"type": text, "nullable": nullable, "default": str(default or "")}
    return columns


def _checks(cursor, table: str) -> list[str]:
    cursor.execute(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conrelid = %s::regclass AND contype = 'c'",
        [table],
    )
    return [definition for (definition,) in cursor.fetchall()]


def _codes(cursor, table: str) -> str:
    cursor.execute(f"SELECT string_agg(quote_literal(code), ' ') FROM {table}")
    return cursor.fetchone()[0]


def _faults(row: dict[str, str], found: dict[str, str] | None, checks: list[str]) -> list[str]:
    name = f"{row['table']}.{row['column']}"
    if found is None:
        return [f"{name} is missing"]
    faults = []
    wanted = row["type"].replace("CHAR(3)", "VARCHAR(3)").replace("VARVAR", "VAR")
    if row["type"] == "ENUM":
        if not any(
            all(f"'{value}'" in check for value in row["values"].split()) for check in checks
        ):
            faults.append(f"{name}: no check of {row['values']}")
    elif found["type"] != wanted and (row["table"], row["column"]) not in SEALED:
        faults.append(f"{name} is {found['type']}, not {wanted}")
    if (row["nullable"] == "yes") != (found["nullable"] == "YES"):
        faults.append(f"{name}: nullable is {found['nullable']}")
    if row["default"].lower().rstrip("0.") not in found["default"].lower():
        faults.append(f"{name}: default is {found['default']}, not {row['default']}")
    return faults


@pytest.mark.django_db
@pytest.mark.requirement(
    *("A.2-01", "A.2.1-company-01", "A.2.1-company-05", "A.2.1-company-06", "A.2.1-partner-06"),
    *("A.2.2-product-01", "A.2.2-product-03", "A.2.2-product-05", "A.2.2-product_version-01"),
    *("A.2.2-pricing_rule-01", "A.2.2-publication-03", "A.2.2-accounting_mapping-01"),
    *("A.2.2-accounting_mapping-03", "A.2.2-accounting_mapping-04", "A.2.3-audit_log-01"),
    "A.2.3-audit_log-03",
)
def test_every_column_of_annexe_a_is_there():
    faults = []
    with connection.cursor() as cursor:
        for table, rows in _tables().items():
            columns, checks = _columns(cursor, table), _checks(cursor, table)
            for row in rows:
                reference = REFERENCES.get((table, row["column"]))
                closed = [_codes(cursor, reference)] if reference else checks
                faults += _faults(row, columns.get(row["column"]), closed)
    assert faults == []


# A.1.1 and A.1.2: the child, its column, and the parent of which it has many.
RELATIONS = {
    ("partner", "company_id", "company"),
    ("risk", "company_id", "company"),
    ("product", "company_id", "company"),
    ("product", "partner_id", "partner"),
    ("product", "risk_id", "risk"),
    ("partner_credential", "partner_id", "partner"),
    ("product_version", "product_id", "product"),
    ("product_plan", "product_version_id", "product_version"),
    ("pricing_rule", "product_version_id", "product_version"),
    ("pricing_rule", "plan_id", "product_plan"),
    ("commission_scheme", "product_version_id", "product_version"),
    ("commission_tier", "scheme_id", "commission_scheme"),
    ("product_document", "product_version_id", "product_version"),
    ("external_mapping", "product_id", "product"),
    ("publication", "product_version_id", "product_version"),
    ("publication", "company_id", "company"),
    ("accounting_mapping", "product_version_id", "product_version"),
    ("accounting_mapping", "company_id", "company"),
    ("cq_rule", "product_version_id", "product_version"),
    ("webhook_endpoint", "partner_id", "partner"),
    ("webhook_event", "endpoint_id", "webhook_endpoint"),
}
# Nothing obliges a product to have a partner, nor a risk of the group a company (M-02).
OPTIONAL = {
    *(("product", "partner_id"), ("risk", "company_id"), ("pricing_rule", "plan_id")),
}


@pytest.mark.django_db
@pytest.mark.requirement(
    *("A.1.1-03", "A.1.1-04", "A.1.1-08", "A.1.1-09", "A.1.1-11", "A.1.2-01", "A.1.2-02"),
    *("A.1.2-03", "2.1-product-03", "2.1-product-04", "2.1-product-06"),
)
def test_every_relation_of_annexe_a_is_a_key_of_the_database():
    """One to many: the child names one parent, and no unique index keeps it from having sisters."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT conrelid::regclass::text, attname::text, confrelid::regclass::text,"
            " attnotnull, EXISTS (SELECT FROM pg_index WHERE indrelid = conrelid AND indisunique"
            " AND indkey::text = attnum::text) FROM pg_constraint"
            " JOIN pg_attribute ON attrelid = conrelid AND attnum = ANY(conkey)"
            " WHERE contype = 'f'"
        )
        keys = {(child, column, parent): rest for child, column, parent, *rest in cursor.fetchall()}
    assert RELATIONS - keys.keys() == set()
    for child, column, parent in RELATIONS:
        compulsory, alone = keys[child, column, parent]
        assert compulsory is ((child, column) not in OPTIONAL), (child, column)
        assert not alone, (child, column)
