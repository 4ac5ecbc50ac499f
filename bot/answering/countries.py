"""Countries by their usual English names: one can take another's place in a question."""

from __future__ import annotations

from functools import lru_cache

COUNTRIES = frozenset(
    name.strip()
    for name in """
    Afghanistan, Albania, Algeria, Andorra, Angola, Argentina, Armenia, Australia, Austria,
    Azerbaijan, Bahamas, Bahrain, Bangladesh, Barbados, Belarus, Belgium, Belize, Benin, Bhutan,
    Bolivia, Bosnia, Botswana, Brazil, Britain, Brunei, Bulgaria, Burkina Faso, Burundi, Cambodia,
    Cameroon, Canada, Chad, Chile, China, Colombia, Congo, Costa Rica, Croatia, Cuba, Cyprus,
    Czechia, Czech Republic, Denmark, Djibouti, Dominican Republic, Ecuador, Egypt, El Salvador,
    Eritrea, Estonia, Eswatini, Ethiopia, Fiji, Finland, France, Gabon, Gambia, Georgia, Germany,
    Ghana, Greece, Grenada, Guatemala, Guinea, Guyana, Haiti, Honduras, Hungary, Iceland, India,
    Indonesia, Iran, Iraq, Ireland, Israel, Italy, Ivory Coast, Jamaica, Japan, Jordan, Kazakhstan,
    Kenya, Kiribati, Kosovo, Kuwait, Kyrgyzstan, Laos, Latvia, Lebanon, Lesotho, Liberia, Libya,
    Liechtenstein, Lithuania, Luxembourg, Madagascar, Malawi, Malaysia, Maldives, Mali, Malta,
    Mauritania, Mauritius, Mexico, Moldova, Monaco, Mongolia, Montenegro, Morocco, Mozambique,
    Myanmar, Namibia, Nauru, Nepal, Netherlands, New Zealand, Nicaragua, Niger, Nigeria,
    North Korea, North Macedonia, Norway, Oman, Pakistan, Palau, Palestine, Panama,
    Papua New Guinea, Paraguay, Peru, Philippines, Poland, Portugal, Qatar, Romania, Russia, Rwanda,
    Samoa, San Marino, Saudi Arabia, Senegal, Serbia, Seychelles, Sierra Leone, Singapore, Slovakia,
    Slovenia, Somalia, South Africa, South Korea, South Sudan, Spain, Sri Lanka, Sudan, Suriname,
    Sweden, Switzerland, Syria, Taiwan, Tajikistan, Tanzania, Thailand, Togo, Tonga, Tunisia,
    Turkey, Türkiye, Turkmenistan, Tuvalu, Uganda, Ukraine, United Arab Emirates, United Kingdom,
    United States, Uruguay, Uzbekistan, Vanuatu, Venezuela, Vietnam, Yemen, Zambia, Zimbabwe,
    UK, US, USA, UAE
    """.split(",")  # noqa: SIM905 - a word list is read as one
)

# Those whose people are not called by the name and an ending.
_PEOPLES = {
    word: country
    for country, words in {
        "Argentina": "argentine",
        "Belgium": "belgian",
        "Britain": "british briton uk",
        "Cyprus": "cypriot",
        "Czechia": "czech",
        "Denmark": "danish dane",
        "Finland": "finnish finn",
        "France": "french",
        "Greece": "greek",
        "Iceland": "icelandic",
        "Iraq": "iraqi",
        "Ireland": "irish",
        "Kosovo": "kosovar",
        "Lebanon": "lebanese",
        "Luxembourg": "luxembourger",
        "Netherlands": "dutch",
        "Norway": "norwegian",
        "Peru": "peruvian",
        "Philippines": "filipino philippine",
        "Poland": "polish pole",
        "Portugal": "portuguese",
        "Scotland": "scottish scot",
        "Spain": "spanish spaniard",
        "Sweden": "swedish swede",
        "Switzerland": "swiss",
        "Taiwan": "taiwanese",
        "Thailand": "thai",
        "Turkey": "turkish turk turkiye",
        "United States": "american us usa",
        "Wales": "welsh",
    }.items()
    for word in words.split()
}
_LONGEST_ENDING = 3


@lru_cache(maxsize=10_000)
def name_country(word: str) -> str | None:
    """The country that a word in small letters names, or whose people or things it does: "polish",
    "poland" and "poles" are Poland's."""
    for form in (word, word.removesuffix("s")):
        if form in _PEOPLES:
            return _PEOPLES[form]
    for country in _ONE_WORD:
        stem = country.casefold()
        if word == stem:
            return country
        begun = word.startswith(stem) or (len(stem) > 4 and word.startswith(stem[:-1]))
        if begun and -1 <= len(word) - len(stem) <= _LONGEST_ENDING:
            return country
    return None


_ONE_WORD = sorted(
    (name for name in COUNTRIES if " " not in name and not name.isupper()), key=len, reverse=True
)
