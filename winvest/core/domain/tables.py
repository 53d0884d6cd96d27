"""Rules of the tables that people bring: what a file, its headings and its cells may be.

Every refusal names a line and a column, as a spreadsheet counts them (1 is the row of headings).
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from winvest.core.errors import Problem

MAX_ROWS = 100_000
MAX_COLUMNS = 100
MAX_CELL = 32_767  # as a spreadsheet
DELIMITERS = ";,"

# What a spreadsheet runs as a formula; our own exports put the mark before it.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
TEXT_MARK = "'"


class TableProblem(Problem):
    """Why a file, a row or a cell is refused before its content is looked at."""

    EMPTY = "import.empty", "Le fichier est vide : sa première ligne porte les titres de colonne."
    TOO_LARGE = "import.too_large", "Le fichier dépasse {limit}."
    NOT_UTF8 = (
        "import.not_utf8",
        "Le fichier n'est pas en UTF-8. Dans Excel : « Enregistrer sous », type « CSV UTF-8 "
        "(délimité par des virgules) » ; dans LibreOffice : jeu de caractères « Unicode (UTF-8) ».",
    )
    NOT_CSV = "import.not_csv", "Le CSV est mal formé : {reason}."
    NUL = "import.nul", "La cellule contient le caractère NUL, qu'aucun texte ne porte."
    TOO_MANY_ROWS = (
        "import.too_many_rows",
        "Plus de {limit} lignes : coupez le fichier en plusieurs.",
    )
    TOO_MANY_COLUMNS = "import.too_many_columns", "Plus de {limit} colonnes."
    HEADING_UNKNOWN = (
        "import.heading_unknown",
        "Cette colonne n'est pas attendue ici. Titres attendus : {expected}.",
    )
    HEADING_DOUBLED = "import.heading_doubled", "Deux colonnes portent ce titre."
    HEADING_EMPTY = "import.heading_empty", "La colonne {number} n'a pas de titre."
    HEADING_MISSING = "import.heading_missing", "La colonne « {heading} » est obligatoire."
    ROW_WIDTH = (
        "import.row_width",
        "La ligne a {found} cellules, les titres en ont {expected}.",
    )
    FORMULA = (
        "import.formula",
        "Une cellule ne commence pas par {start} : un tableur y verrait une formule.",
    )
    CELL_TOO_LONG = "import.cell_too_long", "La cellule dépasse {limit} caractères."
    TWICE = "import.twice", "Cette fiche est déjà en ligne {first}."
    NOT_XLSX = (
        "import.not_xlsx",
        "Le fichier n'est ni un CSV ni un classeur Excel lisible (.xlsx, sans mot de passe).",
    )
    XLSX_TOO_LARGE = (
        "import.xlsx_too_large",
        "Une fois ouvert, le classeur serait trop grand : gardez une feuille de {limit} lignes au "
        "plus, sans mise en forme inutile.",
    )
    XLSX_FORMULA = (
        "import.xlsx_formula",
        "Le classeur contient des formules : collez les valeurs seules (« Collage spécial »).",
    )
    XLSX_ERROR = (
        "import.xlsx_error",
        "Le classeur contient des cellules en erreur (#N/A, #REF!…) : corrigez-les ou videz-les.",
    )


class ImportProblem(Problem):
    """Why an import is refused as a whole."""

    COMPANY_UNKNOWN = "import.company_unknown", "Cette société n'existe pas."
    NOT_READY = "import.not_ready", "Ce fichier ne peut pas être importé : {state}."
    NO_REPORT = "import.no_report", "Le rapport n'est pas encore disponible."
    FILE_MISSING = (
        "import.file_missing",
        "Le fichier n'est plus dans l'espace de stockage : déposez-le à nouveau.",
    )
    FILE_CHANGED = (
        "import.file_changed",
        "Le fichier n'est plus celui qui a été déposé : déposez-le à nouveau.",
    )
    STALE = (
        "import.stale",
        "Cette fiche vient de changer : relancez l'import pour la comparer à nouveau.",
    )
    RACE = (
        "import.race",
        "La base a refusé l'ensemble : une fiche liée vient de changer. Relancez l'import.",
    )


@dataclass(frozen=True, slots=True)
class TableError:
    """One thing that is wrong in a file; without a column it concerns the line, or the file."""

    line: int
    column: str
    value: str
    code: str
    message: str


def error(
    problem: Problem, *, line: int = 1, column: str = "", value: str = "", **params: object
) -> TableError:
    """Return the error of `problem` at its place."""
    return TableError(line, column, value, problem.value, problem.message.format(**params))


def choose_delimiter(first_line: str, known: Collection[str]) -> str:
    """Return the separator that gives the most known headings; `;` when nothing decides."""

    def score(delimiter: str) -> int:
        cells = [cell.strip().strip('"') for cell in first_line.rstrip("\r\n").split(delimiter)]
        return sum(cell in known for cell in cells)

    return max(DELIMITERS, key=score)


def check_headings(
    headings: Sequence[str], *, known: Sequence[str], compulsory: Collection[str]
) -> list[TableError]:
    """Return what is wrong with the headings: unknown, doubled, empty, missing, too many."""
    if len(headings) > MAX_COLUMNS:
        return [error(TableProblem.TOO_MANY_COLUMNS, limit=MAX_COLUMNS)]
    found = [
        error(TableProblem.HEADING_MISSING, column=heading, heading=heading)
        for heading in known
        if heading in compulsory and heading not in headings
    ]
    expected = ", ".join(known)
    for number, heading in enumerate(headings, start=1):
        if not heading:
            found.append(error(TableProblem.HEADING_EMPTY, number=number))
        elif heading not in known:
            shown = _shown(heading)
            found.append(
                error(TableProblem.HEADING_UNKNOWN, column=shown, value=shown, expected=expected)
            )
    found += [
        error(TableProblem.HEADING_DOUBLED, column=_shown(heading), value=_shown(heading))
        for heading, times in Counter(headings).items()
        if heading and times > 1
    ]
    return found


def _shown(heading: str) -> str:
    """Return the beginning of a heading, without the NUL that no text column takes."""
    return heading[:80].replace("\x00", "\N{REPLACEMENT CHARACTER}")


def check_cell(value: str, *, signed: bool) -> tuple[TableProblem, dict[str, object]] | None:
    """Return why a cell is refused whatever its column; `signed` columns hold numbers."""
    if "\x00" in value:
        return TableProblem.NUL, {}
    if len(value) > MAX_CELL:
        return TableProblem.CELL_TOO_LONG, {"limit": MAX_CELL}
    if value.startswith(FORMULA_STARTS) and not (signed and value[0] in "+-"):
        names = {"\t": "une tabulation", "\r": "un retour"}
        return TableProblem.FORMULA, {"start": names.get(value[0], f"« {value[0]} »")}
    return None


def shielded(value: str) -> str:
    """Return a cell as an export writes it: nothing that a spreadsheet would run."""
    return TEXT_MARK + value if value.startswith(FORMULA_STARTS) else value


def unshielded(value: str) -> str:
    """Return what an exported cell stands for."""
    bare = value[1:]
    return bare if value.startswith(TEXT_MARK) and bare.startswith(FORMULA_STARTS) else value
