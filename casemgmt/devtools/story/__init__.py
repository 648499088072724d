"""The story that `make demo` plays: one client's way from intake to an answered check-in, told over HTTP."""
