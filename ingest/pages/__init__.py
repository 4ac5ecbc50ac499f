"""What a news page says, and where: facts, dates, body, and what its readers do not see."""
