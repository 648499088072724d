"""What this room does: listing, offering, answering, beds, and what time brings."""
