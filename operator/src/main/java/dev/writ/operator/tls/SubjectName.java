package dev.writ.operator.tls;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import org.bouncycastle.asn1.x509.GeneralName;

/**
 * One name in a certificate: a DNS name, or an address in the spelling that Java's certificate
 * parser gives back.
 *
 * @param canonical lower case
 * @param address whether it is an IP address
 */
record SubjectName(String canonical, boolean address) {
  static SubjectName of(String text) {
    String bare =
        text.startsWith("[") && text.endsWith("]") ? text.substring(1, text.length() - 1) : text;
    boolean address = bare.indexOf(':') >= 0 || bare.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}");
    if (!address) {
      return new SubjectName(bare.toLowerCase(Locale.ROOT), false);
    }
    try {
      return new SubjectName(InetAddress.getByName(bare).getHostAddress(), true);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("\"" + text + "\" is not an address", e);
    }
  }

  GeneralName toGeneralName() {
    return new GeneralName(address ? GeneralName.iPAddress : GeneralName.dNSName, canonical);
  }
}
