"""Who is who in the workspace that the stand-in plays."""

BOT_TOKEN = "xoxb-good"
APP_TOKEN = "xapp-good"
SIGNING_SECRET = "s3cret-for-signing"
CLIENT_ID = "1111.2222"
CLIENT_SECRET = "cl13nt-s3cret"
APP = "A1"
TEAM = "T1"
BOT_USER = "UBOT"
BOT = "B1"
SCOPES = (
    "app_mentions:read",
    "assistant:write",
    "channels:history",
    "chat:write",
    "commands",
    "groups:history",
    "im:history",
)
