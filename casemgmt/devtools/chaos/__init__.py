"""The drill: the whole system as real processes, texting thousands of made-up clients while its parts are killed.

`manage.py chaos --size N --seed S`; docs/chaos.md. What happened is judged from the carrier's own log and from the
database by plain SQL, with none of the product's code (reliability 7.1, R1 to R3).
"""
