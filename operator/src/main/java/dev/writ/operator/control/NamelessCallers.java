package dev.writ.operator.control;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.net.spi.InetAddressResolver;
import java.net.spi.InetAddressResolverProvider;
import java.util.stream.Stream;

/**
 * Names are looked up as ever, but nobody is asked whose an address is. The JDK's HTTPS server asks
 * that of every new connection before it answers the first byte: where DNS is slow or away, the API
 * server would wait for it in vain, and refuse the pod. Found by the JDK, for the whole process.
 */
public final class NamelessCallers extends InetAddressResolverProvider {
  /** For the JDK. */
  public NamelessCallers() {}

  @Override
  public InetAddressResolver get(Configuration configuration) {
    InetAddressResolver ordinary = configuration.builtinResolver();
    return new InetAddressResolver() {
      @Override
      public Stream<InetAddress> lookupByName(String host, LookupPolicy policy)
          throws UnknownHostException {
        return ordinary.lookupByName(host, policy);
      }

      @Override
      public String lookupByAddress(byte[] address) throws UnknownHostException {
        throw new UnknownHostException("not asked for");
      }
    };
  }

  @Override
  public String name() {
    return "names by address are not asked for";
  }
}
