"""Names of the accounting jobs and of their queue."""

EXPORT = "accounting.export"
EXPORTS_QUEUE = "exports"
