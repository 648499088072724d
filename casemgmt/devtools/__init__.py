"""Tools of development: real processes for demos and drills. Never imported by the product."""
