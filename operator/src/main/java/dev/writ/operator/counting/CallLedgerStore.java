package dev.writ.operator.counting;

import dev.writ.contract.MalformedException;
import dev.writ.contract.Names;
import dev.writ.contract.json.JsonWriter;
import dev.writ.contract.json.StrictJson;
import dev.writ.operator.issue.Programs.Place;
import dev.writ.operator.ledger.LedgerState;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceList;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * CallLedgers, each of the name of its capability and owned by it. A write is a JSON patch (RFC
 * 6902) of the status that first tests the resourceVersion it was made from: the API server applies
 * both or none. Read and written as JSON, so that no default of a generated class slips in.
 */
public final class CallLedgerStore implements LedgerStore {
  private static final String API = Names.GROUP + "/" + Names.VERSION;
  private static final String KIND = "CallLedger";
  private static final ResourceDefinitionContext TYPE =
      new ResourceDefinitionContext.Builder()
          .withGroup(Names.GROUP)
          .withVersion(Names.VERSION)
          .withKind(KIND)
          .withPlural("callledgers")
          .withNamespaced(true)
          .build();

  private final KubernetesClient client;

  /** Needs every right on callledgers and their status. */
  public CallLedgerStore(KubernetesClient client) {
    this.client = client;
  }

  private MixedOperation<
          GenericKubernetesResource,
          GenericKubernetesResourceList,
          Resource<GenericKubernetesResource>>
      ledgers() {
    return client.genericKubernetesResources(TYPE);
  }

  private Resource<GenericKubernetesResource> at(Place place) {
    return ledgers().inNamespace(place.namespace()).withName(place.name());
  }

  @Override
  public List<Stored> all() {
    return ledgers().inAnyNamespace().list().getItems().stream()
        .flatMap(found -> owner(found).map(cid -> stored(cid, found)).stream())
        .toList();
  }

  @Override
  public Optional<Stored> load(String cid, Place place) {
    GenericKubernetesResource found = at(place).get();
    // One of a former capability of that name goes with its owner.
    return Optional.ofNullable(found)
        .filter(ledger -> owner(ledger).filter(cid::equals).isPresent())
        .map(ledger -> stored(cid, ledger));
  }

  @Override
  public Stored create(String cid, Place place) throws ConflictException {
    GenericKubernetesResource young = new GenericKubernetesResource();
    young.setApiVersion(API);
    young.setKind(KIND);
    young.setMetadata(
        new ObjectMetaBuilder()
            .withNamespace(place.namespace())
            .withName(place.name())
            .addToLabels("app.kubernetes.io/managed-by", "writ")
            .addNewOwnerReference()
            .withApiVersion(API)
            .withKind("AgentCapability")
            .withName(place.name())
            .withUid(cid)
            .withController(true)
            .endOwnerReference()
            .build());
    young.setAdditionalProperty("spec", Map.of("capability", place.name()));
    try {
      return stored(cid, ledgers().inNamespace(place.namespace()).resource(young).create());
    } catch (KubernetesClientException e) {
      if (e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
        throw new ConflictException("CallLedger " + place + " is there already");
      }
      throw e;
    }
  }

  @Override
  public Stored save(Stored before, LedgerState next) throws ConflictException {
    JsonWriter patch = new JsonWriter().beginArray().beginObject();
    patch.member("op", "test").member("path", "/metadata/resourceVersion");
    patch.member("value", before.version()).endObject().beginObject();
    patch.member("op", "add").member("path", "/status").name("value");
    LedgerJson.write(patch, next);
    try {
      GenericKubernetesResource saved =
          at(before.place())
              .subresource("status")
              .patch(PatchContext.of(PatchType.JSON), patch.endObject().endArray().toString());
      return new Stored(
          before.cid(), before.place(), next, saved.getMetadata().getResourceVersion());
    } catch (KubernetesClientException e) {
      // A test that failed has no code of its own, and a lost answer has none at all.
      if (changed(before)) {
        throw new ConflictException("CallLedger " + before.place() + " was changed or deleted");
      }
      throw e;
    }
  }

  private boolean changed(Stored before) {
    GenericKubernetesResource now = at(before.place()).get();
    return now == null || !before.version().equals(now.getMetadata().getResourceVersion());
  }

  @Override
  public void delete(String cid, Place place) {
    if (load(cid, place).isPresent()) {
      at(place).delete();
    }
  }

  private static Optional<String> owner(GenericKubernetesResource ledger) {
    List<OwnerReference> owners = ledger.getMetadata().getOwnerReferences();
    return owners == null || owners.size() != 1
        ? Optional.empty()
        : Optional.of(owners.getFirst().getUid());
  }

  private static Stored stored(String cid, GenericKubernetesResource ledger) {
    var metadata = ledger.getMetadata();
    Place place = new Place(metadata.getNamespace(), metadata.getName());
    Object status = ledger.getAdditionalProperties().get("status");
    try {
      LedgerState state =
          status == null
              ? LedgerState.EMPTY
              : LedgerJson.read(
                  StrictJson.body(Serialization.asJson(status).getBytes(StandardCharsets.UTF_8)));
      return new Stored(cid, place, state, metadata.getResourceVersion());
    } catch (MalformedException e) {
      throw new IllegalStateException(
          "couldn't read CallLedger "
              + place.namespace()
              + "/"
              + place.name()
              + ": "
              + e.getMessage(),
          e);
    }
  }
}
