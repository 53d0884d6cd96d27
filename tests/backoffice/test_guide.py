"""The guides of `docs/guide/` in the product: each role's own, and whatever they show (H.5-04)."""

import re
from html import unescape

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.urls import reverse

from tests.factories import MembershipFactory
from winvest.backoffice.guide.texts import GUIDES
from winvest.core.domain.roles import Role

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("name", "role"), GUIDES.items(), ids=list(GUIDES))
def test_each_role_is_led_to_its_own_guide(name, role, company, browser_as, user_with):
    owner = None if role is Role.GROUP_ADMIN else company
    browser = browser_as(user_with(role, owner))
    answer = browser.get(reverse("help"), follow=True)
    assert answer.redirect_chain == [(reverse("guide", args=[name]), 302)]
    page = answer.content.decode()
    title = (settings.BASE_DIR / "docs" / "guide" / f"{name}.md").read_text().splitlines()[0]
    assert f"{title.removeprefix('# ')} | Winvest" in unescape(page)
    assert page.count('<span class="guide-own">votre rôle</span>') == 1

    # Every chapter that is named is there, and every picture and every link leads somewhere.
    text = page.partition('<article class="guide-text">')[2].partition("</article>")[0]
    for anchor in re.findall(r'<a href="#([^"]+)">', page.partition("guide-chapters")[2]):
        assert f'<h2 id="{anchor}">' in text
    for picture in re.findall(r'<img src="/static/([^"]+)"', text):
        assert finders.find(picture), picture
    for link in re.findall(r'<a href="([^"]+)"', text):
        assert browser.get(link, follow=True).status_code in {200, 403}, link
    assert 'alt=""' not in text
    # No line begins by « ; » nor ends by « (the space is one that does not break).
    shown = unescape(re.sub(r"<[^>]+>", "", text))
    assert "«\N{NO-BREAK SPACE}" in shown
    assert not re.search(r"« | [»:;!?]", shown)


def test_every_guide_is_one_of_the_index_and_the_reverse():
    written = {path.stem for path in (settings.BASE_DIR / "docs" / "guide").glob("*.md")}
    assert written - {"README"} == GUIDES.keys()
    assert set(GUIDES.values()) == set(Role)


def test_the_chosen_company_decides_and_a_name_unknown_does_not_exist(
    company, other_company, browser_as, user_with
):
    user = user_with(Role.ACCOUNTING, company)
    MembershipFactory(user=user, company=other_company, role=Role.LEGAL)
    browser = browser_as(user)
    browser.post(reverse("admin:switch-company"), {"company": other_company.code})
    assert browser.get(reverse("help")).url == reverse("guide", args=["juriste"])
    browser.post(reverse("admin:switch-company"), {"company": company.code})
    assert browser.get(reverse("help")).url == reverse("guide", args=["compta"])
    assert browser.get("/aide/inconnu/").status_code == 404
