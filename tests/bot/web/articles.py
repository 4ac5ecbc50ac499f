"""What the page's tests ask about."""

from __future__ import annotations

from tests.bot.factories import day
from tests.factories import make_article

HARBOUR = "The new harbour bridge of Tallinn was opened by Mayor Kalle Sepp."
ATTACK = "<img src=x onerror=alert(1)><script>alert(2)</script>"

ARTICLES = (
    make_article(),
    make_article(
        title="Who leads the agency: Orsolya Nagy is named",
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
        title="👩‍🚀 Bridge opens",
        # Emoji and Arabic before the quote: beyond the first plane, joined, and right to left.
        text="🎉🌉👩‍🚀 A day of joy 🇪🇪.\n\n"
        "افتُتح الجسر الجديد صباح اليوم. 🎆\n\n"
        f"{HARBOUR}\n\nIt is long.",
        url="javascript:alert(3)",
        source="Tallinn Times",
        published_at=day("2024-05-05"),
        date_provenance="url",
    ),
    make_article(
        title=f"Volcano {ATTACK}",
        text=f"The volcano Krafla erupted {ATTACK} in the north. {ATTACK}",
        url="https://example.org/krafla",
        source=f"Wire {ATTACK}",
        published_at=day("2024-06-01"),
    ),
    make_article(
        title="Lighthouse",
        text="The old lighthouse of Skagen is kept by Ingrid Holm.",
        url="https://example.org/lighthouse",
        source="Coast Post",
        published_at=None,
    ),
)
