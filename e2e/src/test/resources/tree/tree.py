"""A tree of delegations, made by hand: billing -> two clerks -> ten children each; the children call until none is left.

tree.py SETUP.json, with {"operator", "ca", "clients", "gates": [...], "tokens": {"billing", "clerk-0", ..., "child-19"}}
Prints for each child: its name, how many calls were let through, and the code of the refusal that ended it.
"""
import base64, hashlib, json, ssl, sys, threading, time, urllib.request, uuid

setup = json.load(open(sys.argv[1]))
sys.path.insert(0, setup["clients"])
from client import Agent
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

CHILD_LIMIT, CLERK_LIMIT, CLERKS = 100, 600, 2


def b64(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def claims(jws):
    part = jws.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


class Pod:
    """A pod's key, enrolled with the operator as its sidecar would do it."""

    def __init__(self, name):
        self.key = Ed25519PrivateKey.generate()
        self.x = b64(self.key.public_key().public_bytes_raw())
        self.jwk = {"kty": "OKP", "crv": "Ed25519", "x": self.x}
        self.jkt = b64(hashlib.sha256(b'{"crv":"Ed25519","kty":"OKP","x":"%s"}' % self.x.encode()).digest())
        token = setup["tokens"][name]
        statement = "writ.dev/enrol:%s:%s" % (self.jkt, b64(hashlib.sha256(token.encode()).digest()))
        body = {"jwk": self.jwk, "boot": uuid.uuid4().hex[:16], "proof": b64(self.key.sign(statement.encode()))}
        request = urllib.request.Request(setup["operator"] + "/v1/enrol", json.dumps(body).encode(),
                                         {"Authorization": "Bearer " + token, "Content-Type": "application/json"})
        answer = json.load(urllib.request.urlopen(request, context=ssl.create_default_context(cafile=setup["ca"])))
        self.identity, self.contracts = answer["identity"], answer["contracts"]
        self.workload = answer["workload"]

    def delegate(self, chain, to, limit):
        """The chain with a block for `to`, signed by the holder of its last one."""
        parent, now = claims(chain[-1]), int(time.time())
        details = parent["authorization_details"][0]
        block = {
            "iss": "urn:ietf:params:oauth:jwk-thumbprint:sha-256:" + self.jkt, "sub": to.workload, "aud": parent["aud"],
            "iat": max(now, parent["iat"]), "nbf": max(now - 30, parent["nbf"]), "exp": parent["exp"],
            "jti": str(uuid.uuid4()), "cid": str(uuid.uuid4()), "cnf": {"jwk": to.jwk},
            "del_depth": parent["del_depth"] + 1, "del_max_depth": parent["del_max_depth"], "del_to": parent["del_to"],
            "par_hash": b64(hashlib.sha256(chain[-1].rsplit(".", 1)[0].encode()).digest()),
            "authorization_details": [{"type": details["type"], "actions": details["actions"], "limits": {"calls": limit}}]}
        signed = ".".join(b64(json.dumps(part, separators=(",", ":")).encode())
                          for part in ({"alg": "Ed25519", "typ": "cap-contract+jwt"}, block))
        return chain + [signed + "." + b64(self.key.sign(signed.encode()))]


class Child(Agent):
    """The client of docs/client.md, under a chain instead of a contract of its own."""

    def __init__(self, address, pod, chain, identities):
        self.key, self.jkt = pod.key, pod.jkt
        self.chain, self.identities = ", ".join(chain), ", ".join(identities)
        self.connection = __import__("http.client").client.HTTPConnection(address, timeout=60)
        self.challenge, self.seq = None, 0

    def proof(self, method, target, body, content_type):
        self.seq += 1
        now = int(time.time())
        covered = {"@method": method, "@request-target": target,
                   "content-digest": "sha-256=:%s:" % base64.b64encode(hashlib.sha256(body).digest()).decode(),
                   "capability-contract": self.chain, "capability-identity": self.identities, "content-type": content_type}
        parameters = '(%s);created=%d;expires=%d;nonce="%s.%d";tag="cap-contract-v1"' % (
            " ".join('"%s"' % name for name in covered), now, now + 30, self.challenge, self.seq)
        base = "".join('"%s": %s\n' % one for one in covered.items()) + '"@signature-params": ' + parameters
        headers = {name: value for name, value in covered.items() if name[0] != "@"}
        signature = base64.b64encode(self.key.sign(base.encode())).decode()
        return {**headers, "Signature-Input": "cap=" + parameters, "Signature": "cap=:%s:" % signature}


def run(name, child, results):
    admitted, code = 0, None
    while code not in ("quota-exhausted", "failed"):
        status, content = child.call("POST", "/v1/transfers", b'{"amount":10}', "application/json")
        if status == 204:
            admitted += 1
        else:
            code = json.loads(content)["code"]
            if code in ("quota-unavailable", "use-nonce"):
                time.sleep(0.2)
            elif code != "quota-exhausted":
                code = "failed"
                content = content.decode()
                sys.stderr.write("%s: %s %s\n" % (name, status, content))
    results[name] = (admitted, code)


billing = Pod("billing")
clerks = [Pod("clerk-%d" % number) for number in range(CLERKS)]
middle = [billing.delegate([billing.contracts[0]], clerk, CLERK_LIMIT) for clerk in clerks]
threads, results = [], {}
for number in range(20):
    name, clerk = "child-%d" % number, number % CLERKS
    pod = Pod(name)
    chain = clerks[clerk].delegate(middle[clerk], pod, CHILD_LIMIT)
    child = Child(setup["gates"][number % len(setup["gates"])], pod, chain, [clerks[clerk].identity, pod.identity])
    threads.append(threading.Thread(target=run, args=(name, child, results)))
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
for name, (admitted, code) in results.items():
    print(name, admitted, code)
