"""Commands of the project, one file each; the work is in the rooms."""
