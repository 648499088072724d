"""What a program may be and who may provide it. Pure: no tables, no settings, no clock."""
