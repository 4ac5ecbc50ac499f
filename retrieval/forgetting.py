"""What goes with an article that is removed: conversations and feedback that hold its words."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select, tuple_

from retrieval.tables import (
    conversation_turns,
    feedback,
    feedback_articles,
    turn_citations,
    visits,
)


def forget_article(connection: Connection, article_id: str) -> None:
    connection.execute(delete(visits).where(visits.c.article_id == article_id))
    _forget_conversations(connection, article_id)
    _forget_feedback(connection, article_id)


def _forget_conversations(connection: Connection, article_id: str) -> None:
    """Those that cite the article hold its words, in answers and in what was asked of them."""
    table = conversation_turns
    whose = (table.c.owner, table.c.conversation_id)
    citing = (
        select(*whose)
        .join(turn_citations, turn_citations.c.turn_id == table.c.turn_id)
        .where(turn_citations.c.article_id == article_id)
    )
    connection.execute(delete(table).where(tuple_(*whose).in_(citing)))


def _forget_feedback(connection: Connection, article_id: str) -> None:
    """What is kept of a conversation that cited the article, after the conversation itself: who
    gives feedback locks its turn."""
    citing = select(feedback_articles.c.feedback_id).where(
        feedback_articles.c.article_id == article_id
    )
    connection.execute(delete(feedback).where(feedback.c.feedback_id.in_(citing)))
