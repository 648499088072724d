# One image for every process (web, worker, beat, loop, migrate); the command says which.
FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PIP_NO_CACHE_DIR=1 \
    DJANGO_SETTINGS_MODULE=casemgmt.settings.production

RUN useradd --system --create-home --uid 10001 casemgmt
WORKDIR /app

COPY requirements.lock .
RUN pip install --require-hashes --no-deps -r requirements.lock

COPY manage.py ./
COPY casemgmt casemgmt
COPY notifications notifications
COPY programs programs
COPY referrals referrals

# Static files are gathered while building, with values that lead nowhere and do not stay in the image.
RUN SECRET_KEY=only-while-building-0123456789-0123456789-0123456789-0123456789 \
    ALLOWED_HOSTS=build.invalid DATABASE_URL=postgresql://build.invalid/build REDIS_URL=redis://build.invalid \
    PUBLIC_BASE_URL=https://build.invalid SMS_ACCOUNT_SID=none SMS_AUTH_TOKENS=none SMS_FROM_NUMBER=none \
    EMAIL_HOST=build.invalid NOTICES_FROM=none STAFF_BASE_URL=https://build.invalid \
    python manage.py collectstatic --noinput

USER casemgmt
EXPOSE 8000
CMD ["gunicorn", "casemgmt.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "4", "--worker-tmp-dir", "/dev/shm", "--no-control-socket"]
