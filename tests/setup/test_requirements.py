"""The requirements that no test names."""

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
    assert set(requirements.named_by_tests(tmp_path)) == {"1-01", "F.4", "F.7"}


def test_every_id_that_the_tests_name_is_the_customers(capsys):
    assert requirements.run() == 0
    printed = capsys.readouterr().out
    assert "inconnues du cahier des charges" not in printed
    assert printed.rstrip().endswith("exigences testées sur 689.")
