package dev.writ.contract.document;

import dev.writ.contract.MalformedException;
import dev.writ.contract.SpiffeId;
import dev.writ.contract.json.JsonWriter;
import dev.writ.contract.key.PublicKey;
import java.util.List;

/** Claims that several documents share, read and written. */
final class Claims {
  private Claims() {}

  /** {@code iat}, {@code nbf} and {@code exp} with the rules between them. */
  record Times(long iat, long nbf, long exp) {
    static Times read(Members claims) throws MalformedException {
      long iat = claims.integer("iat", 0, Members.MAX);
      long nbf = claims.integer("nbf", 0, Members.MAX);
      long exp = claims.integer("exp", 0, Members.MAX);
      if (nbf >= exp || iat >= exp) {
        throw claims.error("exp is not after nbf and iat");
      }
      if (exp - nbf > Block.MAX_LIFE) {
        throw claims.error("lives longer than a day");
      }
      return new Times(iat, nbf, exp);
    }
  }

  /** The key of {@code cnf}, not yet checked. */
  static PublicKey holder(Members claims) throws MalformedException {
    Members cnf = claims.object("cnf");
    PublicKey key = PublicKey.unchecked(cnf.value("jwk"));
    cnf.end();
    return key;
  }

  static String trustDomain(Members claims) throws MalformedException {
    String iss = claims.string("iss");
    try {
      return SpiffeId.issuerTrustDomain(iss);
    } catch (MalformedException e) {
      throw claims.error("iss is " + e.getMessage());
    }
  }

  static void sameTrustDomain(Members claims, String domain, Iterable<SpiffeId> ids)
      throws MalformedException {
    for (SpiffeId id : ids) {
      if (!id.trustDomain().equals(domain)) {
        throw claims.error("more than one trust domain");
      }
    }
  }

  static List<String> actions(Members entry) throws MalformedException {
    List<String> actions = entry.someStrings("actions");
    for (String action : actions) {
      if (!Text.isAction(action)) {
        throw entry.error("actions holds what is not a name");
      }
    }
    return actions;
  }

  static List<String> texts(List<SpiffeId> ids) {
    return ids.stream().map(SpiffeId::toString).toList();
  }

  static void writeHolder(JsonWriter json, PublicKey holder) {
    json.name("cnf").beginObject().name("jwk").beginObject();
    json.member("kty", "OKP")
        .member("crv", "Ed25519")
        .member("x", holder.x())
        .endObject()
        .endObject();
  }

  /** From {@code iss} to {@code cid}. */
  static void writeHead(JsonWriter json, Block block) {
    json.member("iss", block.iss()).member("sub", block.sub()).member("aud", block.aud());
    json.member("iat", block.iat()).member("nbf", block.nbf()).member("exp", block.exp());
    json.member("jti", block.jti()).member("cid", block.cid());
  }

  /** From {@code cnf} to {@code del_to}. */
  static void writeDelegation(JsonWriter json, Block block) {
    writeHolder(json, block.holder());
    json.member("del_depth", block.depth()).member("del_max_depth", block.maxDepth());
    json.member("del_to", block.delegateTo());
  }
}
