"""The ends of the rows that COPY streams."""

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from tests.support.strategies import relaxed
from winvest.core.writers.csv import CrlfRows

cells = st.text('ab;"\r\n', max_size=5)


def as_copied(rows, end):
    """Write rows with every cell quoted and this end."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows(rows)
    return buffer.getvalue().encode()


@relaxed
@given(rows=st.lists(st.lists(cells, min_size=1, max_size=3)), cuts=st.lists(st.integers(0, 60)))
def test_rows_end_with_crlf_wherever_the_stream_is_cut(rows, cuts):
    stream = as_copied(rows, "\n")
    places = sorted({min(cut, len(stream)) for cut in cuts} | {0, len(stream)})
    blocks = [
        stream[begin:end] for begin, end in zip(places, [*places[1:], len(stream)], strict=True)
    ]
    ends = CrlfRows()

    converted = b"".join(ends.convert(block) for block in blocks)

    assert converted == as_copied(rows, "\r\n")
    assert ends.rows == len(rows)
