"""The backend of a recovery network. Loads the Celery app, so that tasks find it wherever they are imported."""

from .celery import app as celery_app

__all__ = ["celery_app"]
