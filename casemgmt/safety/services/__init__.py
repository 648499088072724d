"""Doors of the room, and what other rooms call inside their own: raising, paging, answering, the rota."""
