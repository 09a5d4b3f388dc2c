"""Checks what Posthouse tells an application: reads the body from the standard input, the headers as arguments.

check_webhook.py SECRET WEBHOOK-ID WEBHOOK-TIMESTAMP WEBHOOK-SIGNATURE < body
"""

import base64
import hashlib
import hmac
import sys


def is_genuine(secret, name, timestamp, signature, body):
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = hmac.new(key, f"{name}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    wanted = "v1," + base64.b64encode(signed).decode()
    return any(hmac.compare_digest(wanted, one) for one in signature.split(" "))


if not is_genuine(*sys.argv[1:5], sys.stdin.buffer.read()):
    sys.exit("not genuine")
print("genuine")
