"""The id of the request or task in progress, carried for audit and logs. Holds no identity and no permission."""

from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="")
