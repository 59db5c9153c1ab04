package dev.writ.operator.control;

/** Every way in which the Control API says no; codes are never reused. */
enum ControlError {
  MALFORMED("malformed", 400, "The request can't be read."),
  UNAUTHENTICATED("unauthenticated", 401, "The token was not accepted."),
  NOT_ALLOWED("not-allowed", 403, "This pod may not do that."),
  NOT_FOUND("not-found", 404, "There is nothing at this path."),
  METHOD_NOT_ALLOWED("method-not-allowed", 405, "This path has another method."),
  BOOT_CLOSED("boot-closed", 409, "This boot was settled; start the process anew."),
  BODY_TOO_LARGE("body-too-large", 413, "The body is too large."),
  INTERNAL("internal", 500, "The operator failed; its log says why."),
  UNAVAILABLE("unavailable", 503, "The operator can't answer now; try again.");

  private final String code;
  private final int status;
  private final String title;

  ControlError(String code, int status, String title) {
    this.code = code;
    this.status = status;
    this.title = title;
  }

  String code() {
    return code;
  }

  int status() {
    return status;
  }

  String title() {
    return title;
  }
}
