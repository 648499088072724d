"""Places and beds: who waits for which program, what is offered to whom, and who sleeps where (F5)."""
