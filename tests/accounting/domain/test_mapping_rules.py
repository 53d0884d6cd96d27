"""Accounts by nature, VAT codes, default journals (`docs/rules/ecritures.md`)."""

from decimal import Decimal

import pytest

from accounting.domain.mapping_rules import (
    DEFAULT_JOURNALS,
    JournalKey,
    Nature,
    account_problems,
    tax_code_problems,
)
from tests.support.rules import Row, case_id, optional, rows


@pytest.mark.requirement(
    "2.2-05", "2.2-06", "2.2-07", "2.2-08", "F.4.1-01", "F.4.2-01", "F.4.3-01", "F.4.4-02"
)
@pytest.mark.parametrize("row", rows("ecritures", "Comptes admis par nature"), ids=case_id)
def test_accounts_table(row: Row) -> None:
    problems = account_problems(Nature(row["nature"]), row["compte"], length=int(row["longueur"]))

    assert ", ".join(problem.code for problem in problems) == row["problèmes"]
    assert all(problem.path == "gl_account" for problem in problems)


def test_a_company_may_replace_the_prefixes() -> None:
    translated = dict.fromkeys(Nature, ("708",))

    assert account_problems(Nature.COMMISSION, "708200", prefixes=translated) == []
    assert "701 ou 706" in account_problems(Nature.REVENUE, "708200")[0].message


@pytest.mark.parametrize("row", rows("ecritures", "Code TVA d'un mapping"), ids=case_id)
def test_tax_codes_table(row: Row) -> None:
    problems = tax_code_problems(
        Nature(row["nature"]),
        row["code"],
        code_rate=optional(row["taux du code"]),
        price_rate=optional(row["taux du tarif"]),
        insurance=row["assurance"] == "oui",
    )

    assert ", ".join(problem.code for problem in problems) == row["problèmes"]


def test_a_problem_says_both_rates() -> None:
    [problem] = tax_code_problems(
        Nature.REVENUE, "FR20", code_rate=Decimal("20.00"), price_rate=Decimal("5.50")
    )

    assert problem.message == "Le code TVA « FR20 » vaut 20% mais le tarif porte 5,5%."


@pytest.mark.requirement("F.3-07")
def test_default_journals() -> None:
    expected = {row["clé"]: row["journal"] for row in rows("ecritures", "Journaux par défaut")}

    assert expected == DEFAULT_JOURNALS
    assert set(DEFAULT_JOURNALS) == set(JournalKey)
