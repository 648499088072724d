"""The people helped, and how to reach them."""
