"""How the evidence ranker was made; nothing here is needed to run Dateline."""
