"""What the gallery's questions are asked about."""

from __future__ import annotations

from tests.bot.factories import day
from tests.factories import make_article

ARTICLES = (
    make_article(),
    make_article(
        title="Agency names its new chief",
        text="Orsolya Nagy leads the border agency. She took over in March 2024 from Henrik Dahl.",
        url="https://example.org/nagy",
        source="Northern Ledger",
        published_at=day("2024-03-10"),
    ),
    make_article(
        title="Agency chief",
        text="Henrik Dahl leads the border agency. He moved into the post in 2019.",
        url="https://example.org/dahl",
        source="Harbour Courier",
        published_at=day("2020-02-01"),
        date_provenance="byline",
    ),
    make_article(
        title="Nowy most w Gdańsku otwarty — „to święto całego miasta”",
        text="Nowy most w Gdańsku otworzyła prezydentka miasta. Budowa mostu w Gdańsku kosztowała "
        "640 milionów złotych. Most w Gdańsku ma długość 390 metrów.",
        url="https://example.org/gdansk",
        source="Gazeta Nadmorska",
        published_at=day("2026-01-20"),
    ),
    make_article(
        title="افتتاح الجسر الجديد في الإسكندرية",
        text="افتتح محافظ الإسكندرية الجسر الجديد في الإسكندرية صباح يوم الأحد. "
        "بلغت تكلفة الجسر الجديد 640 مليون جنيه. يبلغ طول الجسر 390 مترا.",
        url="https://example.org/alexandria",
        source="صحيفة الساحل",
        published_at=day("2026-01-21"),
    ),
    make_article(
        title="Library `orbit` 4.0: **breaking** changes",
        text="The function parse_orbit() of the orbit library takes a list[str] instead of *args. "
        "In orbit 4.0 the flag --no-cache and the table | name | value | are gone. "
        "Run `pip install orbit>=4,<5` to upgrade the orbit library & its plugins.",
        url="https://example.org/orbit?v=4&ref=a_b",
        source="Release Notes Daily",
        published_at=day("2026-02-10"),
    ),
    make_article(
        title="Volcano <!channel> *erupts* <https://evil.example|read more>",
        text="The volcano Krafla erupted in the north <!channel> says <@U123> at "
        "https://evil.example/login. *Urgent*: the volcano Krafla [click](https://evil.example) "
        "erupted again on Monday :rotating_light: @here.",
        url="https://example.org/krafla",
        source="Wire <!here>",
        published_at=day("2026-02-01"),
    ),
    make_article(
        title="Lighthouse",
        text="The old lighthouse of Skagen is kept by Ingrid Holm.",
        url="https://example.org/lighthouse",
        source="Coast Post",
        published_at=None,
    ),
    make_article(
        title="Minutes of the harbour board",
        text="The harbour board of Veldmark elected Tomas Reyes as its chairman.",
        url=None,
        path="minutes/2026-01.md",
        source=None,
        published_at=day("2026-01-15"),
        date_provenance="url",
    ),
    make_article(
        title="🎉🌉 Bridge day 👩‍🚀🇪🇪",
        text="🎉 The new harbour bridge of Tallinn was opened by Mayor Kalle Sepp 🎆.",
        url="https://example.org/tallinn",
        source="Tallinn Times",
        published_at=day("2026-02-20"),
        date_provenance="feed",
    ),
    make_article(
        title="A study of the very long winter that the fishing villages of the northern coast "
        "have gone through, of what it cost them in boats, nets, quays and nights without power, "
        "and of what their councils, their insurers and the ministry in the capital now propose "
        "to do about all of it before the next one comes " + "and the one after it " * 8,
        text="The winter study counted 212 lost boats in the fishing villages of the north.",
        url="https://example.org/a/very/long/address/" + "of-a-study/" * 20,
        source="Institute for the Study of Northern Coasts, Fisheries and Winters",
        published_at=day("2026-02-25"),
    ),
    make_article(
        title="Ferry capsizes off Lindholm",
        text="A ferry capsized off Lindholm on Tuesday morning. All 48 people aboard the ferry "
        "were rescued by the coast guard. The ferry had left Veldmark at dawn in heavy fog.",
        url="https://example.org/ferry",
        source="Meridian Wire",
        published_at=day("2026-02-17"),
    ),
    make_article(
        title="Ferry capsizes, all saved",
        text="A ferry capsized off Lindholm on Tuesday morning. All 48 people aboard the ferry "
        "were rescued by the coast guard. The ferry had left Veldmark at dawn in heavy fog.",
        url="https://example.org/ferry-copy",
        source="Harbour Courier",
        published_at=day("2026-02-18"),
    ),
    make_article(
        title="Mission grows",
        text="The Lindholm mission has 4,200 soldiers. Its commander is Colonel Ada Brandt.",
        url="https://example.org/mission-new",
        source="Northern Ledger",
        published_at=day("2026-01-30"),
    ),
    make_article(
        title="Mission begins",
        text="The Lindholm mission has 3,100 soldiers. It began last week.",
        url="https://example.org/mission-old",
        source="Meridian Wire",
        published_at=day("2025-10-03"),
    ),
)
