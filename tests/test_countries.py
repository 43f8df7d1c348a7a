"""The table of countries."""

from ordergraph.domain.countries import ALPHA2, ALPHA3


def test_every_country_has_both_codes_once() -> None:
    assert len(ALPHA3) == len(ALPHA2) == 249
    assert all(len(two) == 2 and len(three) == 3 and (two + three).isupper() for two, three in ALPHA3.items())
    assert {ALPHA2[three]: three for three in ALPHA3.values()} == ALPHA3


def test_codes_that_are_easily_mistaken() -> None:
    assert (ALPHA3["CH"], ALPHA3["CN"], ALPHA3["AU"], ALPHA3["AT"]) == ("CHE", "CHN", "AUS", "AUT")
    assert (ALPHA2["GBR"], ALPHA2["USA"], ALPHA2["DEU"], ALPHA2["IRL"], ALPHA2["SVN"]) == ("GB", "US", "DE", "IE", "SI")
