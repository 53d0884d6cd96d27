"""The report of `make coverage`: what it measures of H.2.1, and when it falls short."""

import json

import pytest

from deploy.local import covered
from deploy.local.layout import ROOT


def report(share):
    files = {
        path if path.endswith(".py") else f"{path}any.py": {
            "summary": {
                "num_statements": 900,
                "covered_lines": share * 9,
                "num_branches": 100,
                "covered_branches": share,
            }
        }
        for paths in covered.SUBJECTS.values()
        for path in paths
    }
    return {"files": files | {"catalog/other.py": {"summary": {}}}}


def test_every_subject_names_what_exists():
    for subject, paths in covered.SUBJECTS.items():
        for path in paths:
            assert (ROOT / path).exists(), (subject, path)


@pytest.mark.requirement("H.2.1-01", "H.2.1-02")
@pytest.mark.parametrize(("share", "status"), [(81, 0), (80, 1), (0, 1)])
def test_a_subject_needs_more_than_eighty_percent(tmp_path, capsys, share, status):
    place = tmp_path / "coverage.json"
    place.write_text(json.dumps(report(share)))
    assert covered.tell(place) == status
    printed = capsys.readouterr().out
    assert printed.count(f"{share},0 %") == len(covered.SUBJECTS)
    assert printed.count("il faut plus de 80 %") == (len(covered.SUBJECTS) if status else 0)


def test_what_is_not_measured_is_not_enough():
    assert not any(one.is_enough for one in covered.judge({"files": {}}))
