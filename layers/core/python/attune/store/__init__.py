"""The single table, through pynamodb, whose objects never leave this room."""
