// Calls an agent behind Writ without the helper. Node 20 or newer, nothing to install but a TypeScript compiler.
import { createHash, createPrivateKey, sign, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import * as http from "node:http";
import { createInterface } from "node:readline";

type Reply = { status: number; body: string };
const sha256 = (data: string) => createHash("sha256").update(data);
/** One connection to one agent. */
export class Agent {
  private readonly key: KeyObject;
  private readonly jkt: string;
  private readonly connection = new http.Agent({ keepAlive: true, maxSockets: 1 });
  private challenge = "";
  private seq = 0;

  constructor(private readonly url: string, keyFile: string, private readonly contractFile: string) {
    const jwk = JSON.parse(readFileSync(keyFile, "utf8"));
    this.key = createPrivateKey({ key: jwk, format: "jwk" });
    this.jkt = sha256(`{"crv":"Ed25519","kty":"OKP","x":"${jwk.x}"}`).digest("base64url"); // RFC 7638
  }

  async call(method: string, target: string, body = "", contentType = ""): Promise<Reply> {
    if (!this.challenge) await this.exchange("GET", `/.well-known/writ/challenge?jkt=${this.jkt}`, "", {});
    const reply = await this.exchange(method, target, body, this.proof(method, target, body, contentType));
    if (reply.status !== 401 || JSON.parse(reply.body).code !== "use-nonce") return reply; // else not let through: once more is safe
    return this.exchange(method, target, body, this.proof(method, target, body, contentType));
  }

  private exchange(method: string, target: string, body: string, headers: Record<string, string>): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const length = body ? { "content-length": `${Buffer.byteLength(body)}` } : {};
      http.request(this.url + target, { method, agent: this.connection, headers: { ...headers, ...length } }, async (reply) => {
        const nonce = reply.headers["capability-nonce"]; // the first, a later one, or that of another replica
        if (nonce) [this.challenge, this.seq] = [String(nonce), 0];
        let text = "";
        for await (const chunk of reply.setEncoding("utf8")) text += chunk;
        resolve({ status: reply.statusCode ?? 0, body: text });
      }).on("error", reject).end(body); // an error: whether the call was done is not known
    });
  }

  private proof(method: string, target: string, body: string, contentType: string): Record<string, string> {
    const now = Math.floor(Date.now() / 1000);
    const fields: Record<string, string> = { "content-digest": `sha-256=:${sha256(body).digest("base64")}:`,
      "capability-contract": readFileSync(this.contractFile, "utf8").trim() }; // renewed while we run
    if (contentType) fields["content-type"] = contentType;
    const covered = Object.entries({ "@method": method, "@request-target": target, ...fields });
    const parameters = `(${covered.map(([name]) => `"${name}"`).join(" ")});created=${now};expires=${now + 30}` +
      `;nonce="${this.challenge}.${++this.seq}";tag="cap-contract-v1"`;
    const base = [...covered, ["@signature-params", parameters]].map(([name, value]) => `"${name}": ${value}`).join("\n");
    const signature = sign(null, Buffer.from(base), this.key).toString("base64");
    return { ...fields, "signature-input": `cap=${parameters}`, signature: `cap=:${signature}:` };
  }
}

const [url, key, contract, method, target] = process.argv.slice(2);
const agent = new Agent(url, key, contract);
for await (const line of createInterface({ input: process.stdin }))
  await agent.call(method, target, line, "application/json").then((r) => console.log(r.status, r.body), (e) => console.log("lost", e.message));
