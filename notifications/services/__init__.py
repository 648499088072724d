"""What the room does: plans check-ins, hands texts over, understands replies, keeps consent to text."""
