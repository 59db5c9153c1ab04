package dev.writ.contract.verify;

/** What a listener speaks; declared, never sniffed (actions.md, Protocol of a port). */
public enum Protocol {
  /** Plain HTTP: actions by method and path. */
  HTTP("http"),
  /** Model Context Protocol over streamable HTTP. */
  MCP("mcp"),
  /** Agent2Agent. */
  A2A("a2a"),
  /** gRPC. */
  GRPC("grpc");

  private final String word;

  Protocol(String word) {
    this.word = word;
  }

  /** The word in configuration, such as {@code http}. */
  public String word() {
    return word;
  }
}
