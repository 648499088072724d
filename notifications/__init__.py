"""Check-ins, texts, replies and carriers. Hears every room below and is called by none of them."""
