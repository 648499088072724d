"""Doors of the chart, one module per noun. None of them moves an episode."""
