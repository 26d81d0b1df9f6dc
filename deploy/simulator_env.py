# noqa: INP001 - a script among configuration files
"""Prints an `.env` for docker-compose.yml with the profile `simulators`, every secret random.

python deploy/simulator_env.py >.env
docker compose --profile simulators up --build
"""

import secrets
import shlex
from base64 import urlsafe_b64encode

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

STAND_INS = "http://stand-ins"
PUBLIC_URL = "http://127.0.0.1:8000"


def variables() -> dict[str, str]:
    """Every variable that docker-compose.yml requires, and the simulators' addresses."""
    jwt_secret = secrets.token_urlsafe(48)
    mandates = Ed25519PrivateKey.generate()
    return {
        "SUPABASE_DB_PASSWORD": secrets.token_hex(24),
        "SUPABASE_JWT_SECRET": jwt_secret,
        "SUPABASE_ANON_KEY": jwt.encode({"role": "anon"}, jwt_secret),
        "SUPABASE_SERVICE_ROLE_KEY": jwt.encode({"role": "service_role"}, jwt_secret),
        "SUPABASE_WEB_KEY": jwt.encode({"role": "signupassist_web"}, jwt_secret),
        "SUPABASE_WORKER_KEY": jwt.encode({"role": "signupassist_worker"}, jwt_secret),
        "SUPABASE_BACKUP_PASSWORD": secrets.token_hex(24),
        "BACKUP_KEYS": f"simulated:{_text(secrets.token_bytes(32))}",
        "TEMPORAL_DB_PASSWORD": secrets.token_hex(24),
        "STRIPE_SECRET_KEY": f"sk_test_{secrets.token_hex(24)}",
        "STRIPE_API_BASE": f"{STAND_INS}:8802",
        "STRIPE_SIM_CONTROL_TOKEN": secrets.token_urlsafe(24),
        "BOOKEO_API_KEY": secrets.token_urlsafe(24),
        "BOOKEO_API_KEY__NORTHSIDE": secrets.token_urlsafe(24),
        "BOOKEO_SECRET_KEY": secrets.token_urlsafe(24),
        "BOOKEO_API_BASE": f"{STAND_INS}:8801/v2",
        "BOOKEO_SIM_CONTROL_TOKEN": secrets.token_urlsafe(24),
        "MANDATE_SIGNING_KEYS": f"simulated:{_text(mandates.private_bytes_raw())}",
        "MANDATE_PUBLIC_KEYS": f"simulated:pub:{_text(mandates.public_key().public_bytes_raw())}",
        "QUESTION_KEYS": secrets.token_urlsafe(32),
        "FIELD_KEYS": f"simulated:{secrets.token_urlsafe(32)}",
        "AUTH_ISSUER": "http://127.0.0.1:18803/",
        "AUTH_JWKS_URL": f"{STAND_INS}:8803/.well-known/jwks.json",
        "AUTH0_AUDIENCE": f"{PUBLIC_URL}/mcp",
        "PUBLIC_URL": PUBLIC_URL,
        "SMTP_URL": "smtp://stand-ins:1025",
        "MAIL_FROM": "signupassist@example.com",
        "GRAFANA_PASSWORD": secrets.token_urlsafe(18),
    }


def _text(key: bytes) -> str:
    return urlsafe_b64encode(key).rstrip(b"=").decode()


if __name__ == "__main__":
    for name, value in variables().items():
        print(f"{name}={shlex.quote(value)}")  # noqa: T201 - printing is its purpose
