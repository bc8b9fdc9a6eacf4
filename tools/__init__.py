"""The laptop side of Attune: what runs on an operator's or developer's machine and is never deployed."""
