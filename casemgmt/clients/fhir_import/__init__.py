"""Importing clients from FHIR R4: NDJSON of Patient resources, or Bundles that hold some.

`reading` turns a file into resources, `patient` turns one resource into a person (pure), `writing` puts people into
the database in batches, `report` is what is told of each row. Nothing here knows of a command line.
"""
