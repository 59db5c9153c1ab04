package dev.writ.sidecar.outbound;

import dev.writ.contract.document.IdentityCredential;
import dev.writ.contract.document.Limits;
import dev.writ.contract.document.Match;
import dev.writ.contract.document.PathMatch;
import dev.writ.contract.document.RootContract;
import dev.writ.contract.document.Rule;
import dev.writ.contract.document.TrustBundle;
import dev.writ.contract.key.PrivateKey;
import dev.writ.contract.key.PublicKey;
import dev.writ.contract.verify.Moment;
import dev.writ.sidecar.Time;
import dev.writ.sidecar.state.HeldContract;
import java.time.Instant;
import java.util.List;

/** An issuer, a caller and a callee. */
final class World {
  static final String ISSUER = "spiffe://cluster.local/writ";
  static final String CALLER = "spiffe://cluster.local/ns/plan/sa/agent";
  static final String LEDGER = "spiffe://cluster.local/ns/bank/svc/ledger";
  static final String CID = "1f0c2a9e-0b1d-4e57-9a55-2f5d8a6f3b11";

  final PrivateKey issuer = PrivateKey.generate();
  final PrivateKey caller = PrivateKey.generate();
  final TrustBundle trust = TrustBundle.of(List.of(issuer.publicKey()));
  final Time time = new WallTime();

  /** GET and POST of what lies under /v1. */
  HeldContract contract(String audience, String cid) {
    return contract(
        audience,
        cid,
        new Match.HttpMatch(
            List.of("GET", "POST", "HEAD"),
            List.of(new PathMatch(PathMatch.Type.PREFIX, "/v1")),
            false));
  }

  /** One rule without arguments. */
  HeldContract contract(String audience, String cid, Match match) {
    long now = time.moment().epochSeconds();
    Rule rule = new Rule("use", match, List.of());
    RootContract contract =
        new RootContract(
            ISSUER,
            CALLER,
            audience,
            now,
            now - 30,
            now + 900,
            "01955f6e-7c1a-7d50-8a44-6f1f9b6c2d10",
            cid,
            1,
            caller.publicKey(),
            0,
            List.of(),
            List.of("use"),
            List.of(rule),
            Limits.NONE,
            true,
            false,
            false);
    return new HeldContract(contract.sign(issuer), contract);
  }

  /** The credential of a replica. */
  String identity(List<String> services, long nbf, long exp) {
    PublicKey key = PrivateKey.generate().publicKey();
    return new IdentityCredential(
            ISSUER,
            "spiffe://cluster.local/ns/bank/sa/ledger",
            services,
            new IdentityCredential.Pod("bank", "ledger-0", "6f6ff6e5-63a5-4b40-9d1d-6a0c0a1f5b11"),
            nbf,
            nbf,
            exp,
            key)
        .sign(issuer);
  }

  /** The clocks of this machine. */
  private static final class WallTime implements Time {
    @Override
    public Moment moment() {
      return new Moment(Instant.now().getEpochSecond(), System.nanoTime() / 1_000_000);
    }

    @Override
    public long epochMillis() {
      return System.currentTimeMillis();
    }

    @Override
    public long nanos() {
      return System.nanoTime();
    }
  }
}
