package dev.writ.v1alpha1;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;

/** The definitions as they are shipped. */
enum Crd {
  AGENT_CAPABILITY("agentcapabilities"),
  CALL_LEDGER("callledgers");

  final String plural;

  Crd(String plural) {
    this.plural = plural;
  }

  InputStream open() {
    return getClass().getResourceAsStream("/META-INF/fabric8/" + plural + ".writ.dev-v1.yml");
  }

  JsonNode yaml() {
    try (InputStream in = open()) {
      return new YAMLMapper().readTree(in);
    } catch (IOException e) {
      throw new IllegalStateException("couldn't read " + this, e);
    }
  }

  JsonNode schema() {
    return yaml().at("/spec/versions/0/schema/openAPIV3Schema");
  }
}
