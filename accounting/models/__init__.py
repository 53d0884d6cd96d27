"""Models of accounting."""

from accounting.models.entry import Entry, EntryCounter, Line
from accounting.models.export import ExportRun, PriceGridExport
from accounting.models.mapping import AccountingMapping, CompanyAccount
from accounting.models.operation import Operation

__all__ = [
    "AccountingMapping",
    "CompanyAccount",
    "Entry",
    "EntryCounter",
    "ExportRun",
    "Line",
    "Operation",
    "PriceGridExport",
]
