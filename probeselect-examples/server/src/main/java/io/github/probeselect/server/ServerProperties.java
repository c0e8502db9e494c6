package io.github.probeselect.server;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * The settings of this server, {@code probeselect.server.*}; {@code docs/server.md} describes them.
 *
 * @param bundle the directory of the model; the default model if it is not set
 * @param devices where the model runs
 * @param dataDirectory where sessions and images of the page are kept
 * @param workers how many requests are computed at a time
 * @param waiting how many more may wait; the others are answered 429
 * @param twins how long a retried request finds its twin after that has finished
 * @param allowedHosts names by which a browser may address this server, besides localhost
 * @param previewEvery after how many steps the page shows new previews
 * @param limits what a request may ask for at the most
 */
@ConfigurationProperties("probeselect.server")
public record ServerProperties(
    @Nullable Path bundle,
    @DefaultValue("auto") List<String> devices,
    @DefaultValue("${user.home}/.probeselect/server") Path dataDirectory,
    @DefaultValue("1") int workers,
    @DefaultValue("16") int waiting,
    @DefaultValue("5m") Duration twins,
    @DefaultValue List<String> allowedHosts,
    @DefaultValue("1") int previewEvery,
    @DefaultValue Limits limits) {

  /** Refuses what cannot work. */
  public ServerProperties {
    requireAtLeast("workers", workers, 1);
    requireAtLeast("waiting", waiting, 0);
    requireAtLeast("preview-every", previewEvery, 1);
  }

  /**
   * What a request may ask for at the most.
   *
   * @param images images kept
   * @param candidates candidates started
   * @param steps denoising steps
   * @param promptLength characters of a prompt
   * @param pixels width times height
   * @param body bytes of a request
   * @param sessions sessions of the page that are kept
   */
  public record Limits(
      @DefaultValue("10") int images,
      @DefaultValue("64") int candidates,
      @DefaultValue("150") int steps,
      @DefaultValue("4000") int promptLength,
      @DefaultValue("4194304") int pixels,
      @DefaultValue("1MB") DataSize body,
      @DefaultValue("200") int sessions) {

    /** Refuses what cannot work. */
    public Limits {
      requireAtLeast("limits.images", images, 1);
      requireAtLeast("limits.candidates", candidates, 1);
      requireAtLeast("limits.steps", steps, 1);
      requireAtLeast("limits.prompt-length", promptLength, 1);
      requireAtLeast("limits.pixels", pixels, 1);
      requireAtLeast("limits.sessions", sessions, 1);
    }
  }

  private static void requireAtLeast(String name, int value, int least) {
    if (value < least) {
      throw new IllegalArgumentException(
          "probeselect.server." + name + " is " + value + "; it must be at least " + least);
    }
  }
}
