"""Names of the accounting jobs and of their queue."""

EXPORT = "accounting.export"
PRICE_GRID = "accounting.price_grid"
EXPORTS_QUEUE = "exports"
