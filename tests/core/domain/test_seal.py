"""The chain of hashes of the legal log."""

import hashlib

from winvest.core.domain import seal


def test_a_digest_is_the_hash_of_each_value_after_its_length():
    text = b"4:\xc3\xa9t\xc3-;0:".replace(b"\xc3\xa9t\xc3", "ét".encode() + b"x")
    assert seal.digest(["étx", None, ""]) == hashlib.sha256(text).digest()


def test_no_two_rows_give_the_same_digest():
    rows = [["ab", "c"], ["a", "bc"], ["abc", ""], ["abc", None], ["abc"], [None, "abc"], ["-;"]]
    assert len({seal.digest(row) for row in rows}) == len(rows)


def test_a_link_binds_its_number_its_entry_its_instant_and_all_before():
    known = {"number": 1, "entry_id": 7, "at": "2026-11-25T10:00:00.000001", "content": b"x"}
    first = seal.link(seal.GENESIS, **known)
    assert len(first) == 32
    others = [
        seal.link(first, **known),
        *(
            seal.link(seal.GENESIS, **known | change)
            for change in (
                {"number": 2},
                {"entry_id": 8},
                {"at": "2026-11-25T10:00:00.000002"},
                {"content": b"y"},
            )
        ),
    ]
    assert len({first, *others}) == 6
