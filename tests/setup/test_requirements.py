"""The requirements that no test names."""

import pytest

from deploy.local import requirements


def test_marks_are_read_wherever_they_stand(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "test_one.py").write_text(
        "import pytest\n"
        'pytestmark = [pytest.mark.requirement("1-01")]\n'
        '@pytest.mark.requirement("F.4", "F.7")\n'
        "def test_it(): ...\n"
        '@pytest.mark.parametrize("other", ["1-02"])\n'
        "def test_that(other): ...\n"
    )
    (tmp_path / "test_two.py").write_text(
        "import pytest\n"
        'MORE = ("B.8-03", "B.8-04")\n'
        'IDS = ("A.1", *MORE)\n'
        "@pytest.mark.requirement(*IDS)\n"
        "class TestIt:\n"
        '    @pytest.mark.requirement(*("C.1", "C.2"), "C.3", *["C.4"])\n'
        "    def test_it(self): ...\n"
    )
    assert set(requirements.named_by_tests(tmp_path)) == {
        *("1-01", "F.4", "F.7"),
        *("A.1", "B.8-03", "B.8-04", "C.1", "C.2", "C.3", "C.4"),
    }


@pytest.mark.parametrize("ids", ['*(f"F-{n}" for n in (1, 2))', "*ELSEWHERE", "name", "7"])
def test_a_mark_that_is_not_read_is_told(tmp_path, ids):
    path = tmp_path / "test_one.py"
    path.write_text(f"import pytest\n\n\n@pytest.mark.requirement({ids})\ndef test_it(): ...\n")
    with pytest.raises(SyntaxError, match=r"test_one\.py:4 : marque illisible"):
        list(requirements.named_by_tests(tmp_path))


def test_every_id_that_the_tests_name_is_the_customers(capsys):
    assert requirements.run() == 0
    printed = capsys.readouterr().out
    assert "inconnues du cahier des charges" not in printed
    assert printed.rstrip().endswith("exigences testées sur 689.")
