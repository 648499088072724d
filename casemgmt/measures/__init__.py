"""Screeners and rulers: scored by pure code, kept as they were answered, amended by a new row. Judges nothing else."""
