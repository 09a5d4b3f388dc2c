"""Sends a notice and waits until it is on its way; Python 3, nothing to install.

POSTHOUSE_URL is https://chat.example.org:5281, POSTHOUSE_KEY the key of the application, the argument who gets it.
Where the server's authority is not known to the computer, SSL_CERT_FILE names the file ca.pem.
"""

import json
import os
import sys
import time
import urllib.request


def ask(method, path, body=None):
    request = urllib.request.Request(
        os.environ["POSTHOUSE_URL"] + "/api/v1" + path,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": "Bearer " + os.environ["POSTHOUSE_KEY"], "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


notice = {
    "to": {"people": [sys.argv[1]]},
    "title": "请假待审批",
    "text": "陈静，3天",
    "idempotencyKey": "leave-17",
}
sent = ask("POST", "/messages", notice)
print("accepted for", sent["accepted"], "of", sent["accepted"] + len(sent["invalid"]))
while True:
    shown = ask("GET", "/messages/" + sent["id"])
    state = shown["recipients"][0]["state"]
    if state != "accepted":
        print(shown["recipients"][0]["login"], state)
        break
    time.sleep(0.2)
