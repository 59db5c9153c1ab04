package dev.writ.audit.export;

import dev.writ.audit.AuditRecord;

/** How records are written out, one line each. */
public interface ExportFormat {
  /** What comes first, with its line feed; empty for most. */
  default String header() {
    return "";
  }

  /**
   * One record.
   *
   * @param index of its entry
   * @param line the record as it is in the log
   * @return the line with its line feed; empty when the format has no place for such a record
   */
  String line(long index, String line, AuditRecord auditRecord);

  /** The records themselves, byte for byte as they are hashed, one a line. */
  static ExportFormat json() {
    return (index, line, auditRecord) -> line + "\n";
  }

  /** Decisions and what became of them as comma-separated values (RFC 4180), with a header. */
  static ExportFormat csv() {
    return new Csv();
  }

  /**
   * Decisions as OCSF 1.9 API Activity (6003), one JSON object a line.
   *
   * @param origin of the log
   */
  static ExportFormat ocsf(String origin) {
    return new Ocsf(origin);
  }
}
