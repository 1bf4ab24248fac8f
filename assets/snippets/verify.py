import base64, hashlib, hmac, json, time


# Returns the event, or raises ValueError. The body as it came: bytes, not parsed yet.
def verify(headers, body, secret):
    id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if abs(time.time() - int(timestamp)) > 300:
        raise ValueError("too old")

    key = base64.b64decode(secret.removeprefix("whsec_"))
    if not key:
        raise ValueError("no secret")
    sum = hmac.digest(key, f"{id}.{timestamp}.".encode() + body, hashlib.sha256)
    expected = b"v1," + base64.b64encode(sum)
    signatures = headers.get("webhook-signature", "").encode().split()
    if not any([hmac.compare_digest(one, expected) for one in signatures]):
        raise ValueError("no signature fits")
    return json.loads(body)
