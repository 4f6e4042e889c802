"""The built-in kinds as data: how their fields merge, which are always encoded, what identifies a list item."""
