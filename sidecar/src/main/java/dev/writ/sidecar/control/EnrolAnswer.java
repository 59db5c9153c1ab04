package dev.writ.sidecar.control;

import dev.writ.contract.MalformedException;
import dev.writ.contract.SpiffeId;
import dev.writ.contract.document.IdentityCredential;
import dev.writ.contract.document.RevocationList;
import dev.writ.contract.document.RootContract;
import dev.writ.contract.document.TrustBundle;
import dev.writ.contract.json.JsonValue;
import dev.writ.contract.json.JsonWriter;
import dev.writ.contract.key.Ed25519;
import dev.writ.contract.key.PublicKey;
import dev.writ.contract.verify.Listener;
import dev.writ.contract.verify.Protocol;
import dev.writ.sidecar.Configuration;
import dev.writ.sidecar.state.HeldContract;
import dev.writ.sidecar.state.OwnIdentity;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What {@code POST /v1/enrol} said, checked whole: one part that is wrong refuses all of it.
 *
 * @param epoch of the operator's state that this stands for
 * @param renewAfterSeconds when to enrol again
 * @param listeners services and protocol of each guard, in the order of {@code
 *     Configuration.guards()}
 */
record EnrolAnswer(
    long epoch,
    long renewAfterSeconds,
    TrustBundle trust,
    OwnIdentity identity,
    List<HeldContract> contracts,
    List<Listener> listeners,
    String revocationsJws,
    RevocationList revocations) {

  /** Reads answers for one process. */
  record Reader(Ed25519 ed25519, PublicKey key, List<Configuration.Guard> guards, String podUid) {

    EnrolAnswer read(byte[] json) throws MalformedException {
      Answer answer = Answer.parse("enrol", json);
      TrustBundle trust =
          TrustBundle.parse(new JsonWriter().value(answer.value("trust")).toString());
      OwnIdentity identity = identity(answer, trust);
      String revocations = answer.text("revocations");
      long renewAfter = answer.number("renewAfterSeconds");
      if (renewAfter == 0 || renewAfter > 86_400) {
        throw new MalformedException("enrol: renewAfterSeconds is not within 1 to 86400");
      }
      return new EnrolAnswer(
          answer.number("epoch"),
          renewAfter,
          trust,
          identity,
          contracts(answer, trust, identity.credential()),
          listeners(answer, identity.credential()),
          revocations,
          RevocationList.parse(revocations, trust, ed25519));
    }

    private OwnIdentity identity(Answer answer, TrustBundle trust) throws MalformedException {
      String jws = answer.text("identity");
      IdentityCredential credential = IdentityCredential.parse(jws, trust, ed25519);
      if (!credential.holder().equals(key)) {
        throw new MalformedException("enrol: the identity is for another key");
      }
      if (!credential.sub().equals(answer.text("workload"))) {
        throw new MalformedException("enrol: the identity is of another workload");
      }
      if (!credential.pod().uid().equals(podUid)) {
        throw new MalformedException("enrol: the identity is of another pod");
      }
      return new OwnIdentity(jws, credential);
    }

    private List<HeldContract> contracts(
        Answer answer, TrustBundle trust, IdentityCredential identity) throws MalformedException {
      List<HeldContract> contracts = new ArrayList<>();
      for (JsonValue item : answer.array("contracts")) {
        String jws = answer.text("contracts", item);
        RootContract contract = RootContract.parse(jws, trust, ed25519);
        if (!contract.holder().equals(key) || !contract.sub().equals(identity.sub())) {
          throw new MalformedException(
              "enrol: contract " + contract.jti() + " is for another holder");
        }
        contracts.add(new HeldContract(jws, contract));
      }
      return contracts;
    }

    private List<Listener> listeners(Answer answer, IdentityCredential identity)
        throws MalformedException {
      List<ServicePort> ports = ports(answer, identity);
      List<Listener> listeners = new ArrayList<>();
      for (Configuration.Guard guard : guards) {
        Set<String> services = new HashSet<>();
        Protocol protocol = null;
        for (ServicePort port : ports) {
          if (port.port == guard.containerPort()) {
            services.add(port.service);
            if (protocol != null && protocol != port.protocol) {
              throw new MalformedException("enrol: port " + port.port + " has two protocols");
            }
            protocol = port.protocol;
          }
        }
        // No service selects the port: nobody can have a contract for it, so every call is refused.
        listeners.add(new Listener(services, protocol == null ? Protocol.HTTP : protocol));
      }
      return listeners;
    }

    private static List<ServicePort> ports(Answer answer, IdentityCredential identity)
        throws MalformedException {
      List<ServicePort> ports = new ArrayList<>();
      for (JsonValue item : answer.array("services")) {
        Answer service = Answer.of("enrol: services", item);
        String id = service.text("id");
        if (SpiffeId.parse(id).kind() != SpiffeId.Kind.SERVICE
            || !identity.services().contains(id)) {
          throw new MalformedException("enrol: service " + id + " is not in the identity");
        }
        for (JsonValue port : service.array("ports")) {
          Answer one = Answer.of("enrol: services.ports", port);
          Protocol protocol = protocol(one.text("protocol"));
          if (protocol == null) {
            throw new MalformedException("enrol: service " + id + " has an unknown protocol");
          }
          ports.add(new ServicePort(id, one.number("port"), protocol));
        }
      }
      return ports;
    }

    private static @Nullable Protocol protocol(String word) {
      for (Protocol protocol : Protocol.values()) {
        if (protocol.word().equals(word)) {
          return protocol;
        }
      }
      return null;
    }
  }

  private record ServicePort(String service, long port, Protocol protocol) {}
}
