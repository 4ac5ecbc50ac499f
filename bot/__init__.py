"""Answer questions, at a shell, over HTTP and in Slack."""
