"""Calls an agent behind Writ without the helper. Python 3.9 or newer, and: pip install cryptography"""
import base64, hashlib, http.client, json, sys, time
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


class Agent:
    """One connection to one agent. Not for several threads: open one for each."""

    def __init__(self, address, key_file, contract_file):
        jwk = json.load(open(key_file))
        self.key = Ed25519PrivateKey.from_private_bytes(base64.urlsafe_b64decode(jwk["d"] + "="))
        thumbprint = hashlib.sha256(b'{"crv":"Ed25519","kty":"OKP","x":"%s"}' % jwk["x"].encode()).digest()
        self.jkt = base64.urlsafe_b64encode(thumbprint).decode().rstrip("=")  # RFC 7638
        self.contract_file = contract_file
        self.connection = http.client.HTTPConnection(address, timeout=30)
        self.challenge, self.seq = None, 0

    def exchange(self, method, target, body=None, headers={}):
        try:
            self.connection.request(method, target, body, headers)
            reply = self.connection.getresponse()
            content = reply.read()
        except (OSError, http.client.HTTPException):
            self.connection.close()  # the next call opens another; whether this one was done is not known
            raise
        if reply.headers["Capability-Nonce"]:  # the first, a later one, or that of another replica
            self.challenge, self.seq = reply.headers["Capability-Nonce"], 0
        return reply.status, content

    def call(self, method, target, body=b"", content_type=None):
        if self.challenge is None:
            self.exchange("GET", "/.well-known/writ/challenge?jkt=" + self.jkt)
        status, content = self.exchange(method, target, body or None, self.proof(method, target, body, content_type))
        if status == 401 and json.loads(content)["code"] == "use-nonce":  # not let through: once more is safe
            status, content = self.exchange(method, target, body or None, self.proof(method, target, body, content_type))
        return status, content

    def proof(self, method, target, body, content_type):
        self.seq += 1
        now = int(time.time())
        digest = "sha-256=:%s:" % base64.b64encode(hashlib.sha256(body).digest()).decode()
        covered = {"@method": method, "@request-target": target, "content-digest": digest,
                   "capability-contract": open(self.contract_file).read().strip()}  # renewed while we run
        if content_type:
            covered["content-type"] = content_type
        parameters = '(%s);created=%d;expires=%d;nonce="%s.%d";tag="cap-contract-v1"' % (
            " ".join('"%s"' % name for name in covered), now, now + 30, self.challenge, self.seq)
        base = "".join('"%s": %s\n' % one for one in covered.items()) + '"@signature-params": ' + parameters
        signature = base64.b64encode(self.key.sign(base.encode())).decode()
        headers = {name: value for name, value in covered.items() if name[0] != "@"}
        return {**headers, "Signature-Input": "cap=" + parameters, "Signature": "cap=:%s:" % signature}


if __name__ == "__main__":  # client.py HOST:PORT KEY CONTRACT METHOD TARGET, and a JSON body on each line of input
    agent = Agent(*sys.argv[1:4])
    for line in sys.stdin:
        try:
            print(*agent.call(*sys.argv[4:6], line.strip().encode(), "application/json"), flush=True)
        except OSError as e:
            print("lost", e, flush=True)
