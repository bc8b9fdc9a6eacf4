"""How the world speaks to Attune: HTTP, queues, tokens. Nothing here decides what is true."""
