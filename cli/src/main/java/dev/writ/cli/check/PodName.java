package dev.writ.cli.check;

import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * A pod as its user writes it.
 *
 * @param namespace of the pod
 * @param name of the pod
 */
record PodName(String namespace, String name) {
  private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
  private static final Pattern SUBDOMAIN = Pattern.compile("[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?");

  /** Reads {@code NAMESPACE/POD}. */
  static final class Converter implements ITypeConverter<PodName> {
    @Override
    public PodName convert(String text) {
      String[] parts = text.split("/", -1);
      if (parts.length != 2
          || !LABEL.matcher(parts[0]).matches()
          || !SUBDOMAIN.matcher(parts[1]).matches()) {
        throw new TypeConversionException(
            "write NAMESPACE/POD, as in bank/ledger-0: kubectl get pods -A prints both");
      }
      return new PodName(parts[0], parts[1]);
    }
  }

  @Override
  public String toString() {
    return namespace + "/" + name;
  }
}
