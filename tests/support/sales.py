"""What a small model knows of a product's life and of its publications."""

from dataclasses import dataclass
from datetime import datetime

# M-06, as `domain.md` §1 says it.
GRAPH = {
    "draft": {"test", "retired"},
    "test": {"draft", "active"},
    "active": {"frozen", "retired"},
    "frozen": {"active", "retired"},
    "retired": set(),
}
# Most steps go towards a sale, or few would reach one.
ROAD = {"draft": "test", "test": "active", "frozen": "active"}


@dataclass
class Sale:
    """What the model knows of a publication."""

    channel: str
    start: datetime
    end: datetime | None

    def meets(self, other):
        """Whether both run at one instant on one channel."""
        return (
            self.channel == other.channel
            and (other.end is None or self.start < other.end)
            and (self.end is None or other.start < self.end)
        )

    def runs(self, at):
        return self.start <= at and (self.end is None or at < self.end)


def instant(text):
    return text and datetime.fromisoformat(text)
