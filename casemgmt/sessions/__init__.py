"""Sessions: who met whom, when, in what form, and who came."""
