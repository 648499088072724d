"""The stand-in carrier: a process that speaks enough of Twilio's Messages API for the Twilio gateway to work unchanged.

For development, demos and drills; it reaches no phone. It shares no code with the product, so that each checks the
other. `python -m casemgmt.devtools.carrier --help`; docs/howto/stand-in-carrier.md.
"""
