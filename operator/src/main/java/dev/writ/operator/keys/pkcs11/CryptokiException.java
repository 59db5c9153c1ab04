package dev.writ.operator.keys.pkcs11;

/** A function of the token's library did not return CKR_OK. */
final class CryptokiException extends Exception {
  private static final long serialVersionUID = 1L;

  private final long code;

  CryptokiException(String function, long code) {
    super(function + " returned " + name(code));
    this.code = code;
  }

  CryptokiException(String message, Throwable cause) {
    super(message, cause);
    code = -1;
  }

  long code() {
    return code;
  }

  /** Those that an operator meets; the rest as the number of the standard. */
  private static String name(long code) {
    return switch ((int) code) {
      case 0x05 -> "CKR_GENERAL_ERROR";
      case 0x13 -> "CKR_ATTRIBUTE_VALUE_INVALID";
      case 0x30 -> "CKR_DEVICE_ERROR";
      case 0x32 -> "CKR_DEVICE_REMOVED";
      case 0x70 -> "CKR_MECHANISM_INVALID: the token has no Ed25519";
      case 0xA0 -> "CKR_PIN_INCORRECT: correct the file of WRIT_PKCS11_PIN_FILE";
      case 0xA4 -> "CKR_PIN_LOCKED";
      case 0xB3 -> "CKR_SESSION_HANDLE_INVALID";
      case 0xE0 -> "CKR_TOKEN_NOT_PRESENT";
      case 0xE2 -> "CKR_TOKEN_WRITE_PROTECTED";
      default -> "0x" + Long.toHexString(code);
    };
  }
}
