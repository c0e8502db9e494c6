package io.github.probeselect.djl;

import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.probeselect.error.BackendException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An examination of everything that generation needs from the machine and from the class path:
 * platform, C library, JDK, native libraries and their versions, cache directory, processors, GPUs,
 * and at last whether PyTorch and the tokenizers can be loaded. For everything that is missing it
 * names the remedy.
 *
 * <p>The command {@code probeselect-tools doctor} prints one. Immutable and thread-safe.
 */
public final class Diagnosis {

  private final List<Finding> findings;

  Diagnosis(List<Finding> findings) {
    this.findings = List.copyOf(findings);
  }

  /**
   * Examines the machine, the process and its class path.
   *
   * <p>Loads PyTorch if it is not loaded yet, and waits while another thread uses it; native
   * libraries are extracted to the cache directory as when a pipeline is opened. Downloads nothing,
   * even if the system property {@code ai.djl.offline} allows it, and does not throw: what cannot
   * be found out is a finding.
   */
  public static Diagnosis ofThisMachine() {
    return new Diagnosis(Examination.all());
  }

  /** Whether a pipeline can generate images here: no finding is a {@link Status#FAULT}. */
  public boolean isReady() {
    return findings.stream().noneMatch(finding -> finding.status() == Status.FAULT);
  }

  /** What was found, in the order of the examination. */
  public List<Finding> findings() {
    return findings;
  }

  /**
   * The findings as a JSON object with the fields {@code ready} and {@code findings}; each of these
   * has {@code subject}, {@code status} ({@code ok}, {@code note} or {@code fault}), {@code text}
   * and, if there is one, {@code remedy}.
   */
  public String toJson() {
    try {
      return new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(toMap());
    } catch (JsonProcessingException e) {
      throw new AssertionError("maps of texts can be written", e);
    }
  }

  /** The fields of {@link #toJson()} by name; Jackson writes the diagnosis so. Unmodifiable. */
  @JsonValue
  public Map<String, Object> toMap() {
    Map<String, Object> root = new LinkedHashMap<>();
    root.put("ready", isReady());
    root.put("findings", findings.stream().map(Finding::toMap).toList());
    return Collections.unmodifiableMap(root);
  }

  /** The findings as text: a line for each, followed by a line with its remedy, if there is one. */
  @Override
  public String toString() {
    List<String> lines = new ArrayList<>();
    for (Finding finding : findings) {
      lines.add(finding.toString());
    }
    lines.add(
        isReady()
            ? "Generation works on this machine."
            : "Generation does not work on this machine: see the lines that begin with fault.");
    return String.join("\n", lines);
  }

  /** How much a finding matters. */
  public enum Status {
    /** As it should be. */
    OK,
    /** Worth knowing; generation works nevertheless. */
    NOTE,
    /** Generation cannot work. */
    FAULT;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** One thing that was examined. Immutable and thread-safe. */
  public static final class Finding {

    private static final String REMEDY = "; ";

    private final String subject;
    private final Status status;
    private final String text;
    private final @Nullable String remedy;

    private Finding(String subject, Status status, String text, @Nullable String remedy) {
      this.subject = subject;
      this.status = status;
      this.text = text;
      this.remedy = remedy;
    }

    static Finding ok(String subject, String text) {
      return new Finding(subject, Status.OK, text, null);
    }

    static Finding note(String subject, String text) {
      return new Finding(subject, Status.NOTE, text, null);
    }

    static Finding note(String subject, String text, String remedy) {
      return new Finding(subject, Status.NOTE, text, remedy);
    }

    static Finding fault(String subject, String text, String remedy) {
      return new Finding(subject, Status.FAULT, text, remedy);
    }

    /** A fault whose message names the remedy after a semicolon, as all those of loading do. */
    static Finding fault(String subject, String prefix, BackendException failure) {
      String message = String.valueOf(failure.getMessage()).replace(LoadingFailure.DOCTOR, "");
      int end = message.indexOf(REMEDY);
      return fault(
          subject,
          prefix + (end < 0 ? message : message.substring(0, end)),
          end < 0 ? "mend first what the other lines name" : remedyIn(message));
    }

    /** What follows the first semicolon of a message. */
    static String remedyIn(String message) {
      return message.substring(message.indexOf(REMEDY) + REMEDY.length());
    }

    /** What was examined, such as {@code cache directory}; lower case. */
    public String subject() {
      return subject;
    }

    /** How much it matters. */
    public Status status() {
      return status;
    }

    /** What was found, in one line. */
    public String text() {
      return text;
    }

    /** What to do about it, in one line; empty if nothing needs to be done. */
    public Optional<String> remedy() {
      return Optional.ofNullable(remedy);
    }

    /** The fields of its JSON form by name; Jackson writes the finding so. Unmodifiable. */
    @JsonValue
    public Map<String, String> toMap() {
      Map<String, String> map = new LinkedHashMap<>();
      map.put("subject", subject);
      map.put("status", status.word());
      map.put("text", text);
      if (remedy != null) {
        map.put("remedy", remedy);
      }
      return Collections.unmodifiableMap(map);
    }

    /** Status, subject and text, and the remedy on a line of its own. */
    @Override
    public String toString() {
      String line = String.format(Locale.ROOT, "%-5s  %-16s  %s", status.word(), subject, text);
      return remedy == null
          ? line
          : line + String.format(Locale.ROOT, "%n%25sremedy: %s", "", remedy);
    }
  }
}
