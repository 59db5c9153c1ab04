package dev.writ.operator.tls;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Serves whichever certificate was set last, so that rotation needs no restart and breaks no open
 * connection.
 */
final class ReloadingKeyManager extends X509ExtendedKeyManager {
  /**
   * Key and chain are asked for one after the other: the alias says which pair was chosen, also
   * when a swap came between.
   */
  private record Entry(String alias, KeyAndChain pair) {}

  private record Entries(Entry current, Entry previous) {}

  private volatile Entries entries;

  ReloadingKeyManager(KeyAndChain first) {
    Entry entry = new Entry("serving-1", first);
    entries = new Entries(entry, entry);
  }

  synchronized void use(KeyAndChain next) {
    Entry last = entries.current();
    int number = Integer.parseInt(last.alias().substring("serving-".length())) + 1;
    entries = new Entries(new Entry("serving-" + number, next), last);
  }

  KeyAndChain current() {
    return entries.current().pair();
  }

  private KeyAndChain pair(String alias) {
    Entries now = entries;
    return alias.equals(now.previous().alias()) ? now.previous().pair() : now.current().pair();
  }

  @Override
  public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
    return "EC".equals(keyType) ? new String[] {entries.current().alias()} : null;
  }

  @Override
  public @Nullable String chooseServerAlias(
      String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return "EC".equals(keyType) ? entries.current().alias() : null;
  }

  @Override
  public @Nullable String chooseEngineServerAlias(
      String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
    return "EC".equals(keyType) ? entries.current().alias() : null;
  }

  @Override
  public X509Certificate[] getCertificateChain(String alias) {
    return pair(alias).chain().toArray(X509Certificate[]::new);
  }

  @Override
  public PrivateKey getPrivateKey(String alias) {
    return pair(alias).key();
  }

  @Override
  public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
    return null;
  }

  @Override
  public @Nullable String chooseClientAlias(
      String[] keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return null;
  }
}
