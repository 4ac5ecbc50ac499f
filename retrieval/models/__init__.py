"""Networks that the bot reads with."""
