package io.github.probeselect.bundle;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import io.github.probeselect.error.InvalidRequestException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The description of a model in its bundle; the Java form of {@code manifest.json}, which {@code
 * docs/bundle-format.md} describes field by field. Immutable.
 *
 * @param formatVersion the version of the format, {@link #FORMAT_VERSION}
 * @param name the model's name
 * @param family the family of diffusers pipelines the model came from; informative only
 * @param latents the latent space
 * @param size which image sizes the model can do
 * @param defaults the settings used where a request sets none
 * @param guidance how the prompt guides the denoiser
 * @param scheduler the scheduler's diffusers class name and configuration
 * @param tokenizers the tokenizers, in the order in which the text encoder takes their ids
 * @param textEncoder the text encoder module
 * @param promptEmbedding the name of the text encoder output that probes read
 * @param denoiser the denoiser module
 * @param taps the activations that the denoiser module can return
 * @param vaeDecoder the module that turns latents into an image
 * @param previewDecoder a smaller and less accurate decoder for previews; {@code null} if the
 *     bundle has none
 * @param metrics learned metrics that ship with the model
 * @param probes probes that ship with the model
 * @param dtype the data type at the modules' boundary, {@code float32}
 * @param device the device that the modules run on: {@code any} if they follow their inputs, or the
 *     one that they were exported for, {@code cpu}, {@code cuda} (the first GPU) or {@code mps}
 * @param provenance what the bundle was made from, free form
 * @param files every file of the bundle except the manifest
 */
public record BundleManifest(
    int formatVersion,
    String name,
    String family,
    LatentSpace latents,
    SizeRule size,
    Defaults defaults,
    Guidance guidance,
    SchedulerSpec scheduler,
    List<TokenizerSpec> tokenizers,
    TextEncoderSpec textEncoder,
    String promptEmbedding,
    DenoiserSpec denoiser,
    List<TapSpec> taps,
    ModuleSpec vaeDecoder,
    @JsonSetter(nulls = Nulls.SET) @Nullable ModuleSpec previewDecoder,
    List<MetricSpec> metrics,
    List<ProbeSpec> probes,
    String dtype,
    String device,
    Map<String, Object> provenance,
    @JsonSetter(contentNulls = Nulls.FAIL) Map<String, FileSpec> files) {

  /** The format version this library reads and writes. */
  public static final int FORMAT_VERSION = 1;

  /** The largest number of pixels whose three floats take less than 2 GiB. */
  private static final int LARGEST_AREA = Integer.MAX_VALUE / Float.BYTES / 3;

  /** Copies the collections; absent metrics, probes and taps become empty lists. */
  public BundleManifest {
    tokenizers = List.copyOf(tokenizers);
    taps = taps == null ? List.of() : List.copyOf(taps);
    metrics = metrics == null ? List.of() : List.copyOf(metrics);
    probes = probes == null ? List.of() : List.copyOf(probes);
    files = Map.copyOf(files);
  }

  /**
   * The latents of an image of the given size.
   *
   * @param width in pixels
   * @param height in pixels
   * @throws InvalidRequestException if the model does not support that size, or the arrays would
   *     take 2 GiB or more
   */
  public LatentShape latentShape(int width, int height) {
    size.check("width", width);
    size.check("height", height);
    if ((long) height * width > LARGEST_AREA) {
      throw new InvalidRequestException(
          "an image of "
              + width
              + "x"
              + height
              + " pixels takes 2 GiB or more when it is decoded; give a smaller size");
    }
    return new LatentShape(
        latents.channels(), height / latents.pixelsPerLatent(), width / latents.pixelsPerLatent());
  }

  /** The tap of the given name, if the bundle has it. */
  public Optional<Tap> tap(String tapName) {
    return taps.stream().map(TapSpec::toTap).filter(tap -> tap.name().equals(tapName)).findFirst();
  }

  /**
   * The number of tokens of an image in a transformer denoiser: one for each patch.
   *
   * @param shape the image's latents
   */
  public int imageTokens(LatentShape shape) {
    return (shape.height() / latents.patch()) * (shape.width() / latents.patch());
  }

  /** Rows and columns of the text encoder output that the bundle names as its prompt embedding. */
  public List<Integer> promptEmbeddingShape() {
    return textEncoder.outputs().stream()
        .filter(output -> output.name().equals(promptEmbedding))
        .findFirst()
        .orElseThrow()
        .shape();
  }

  /** What identifies the denoiser that a probe was trained for: the SHA-256 of its module. */
  public String denoiserHash() {
    return hash(denoiser.file());
  }

  /** What identifies the decoder of previews: the SHA-256 of its module. */
  public String previewHash() {
    return hash((previewDecoder == null ? vaeDecoder : previewDecoder).file());
  }

  /** What identifies the probes: the SHA-256 of their JSON files, by rising fraction. */
  public String probesHash() {
    return hashes(
        probes.stream()
            .sorted(Comparator.comparingDouble(ProbeSpec::fraction))
            .map(ProbeSpec::file)
            .distinct());
  }

  /** What identifies a metric of the bundle: the SHA-256 of its module and of its tokenizer. */
  public String metricHash(MetricSpec metric) {
    return hashes(Stream.of(metric.file(), tokenizers.get(metric.tokenizer()).file()));
  }

  private String hashes(Stream<String> names) {
    return names.map(this::hash).collect(Collectors.joining("+"));
  }

  private String hash(String name) {
    FileSpec file = files.get(name);
    return file == null ? "" : file.sha256();
  }

  /**
   * The latent space.
   *
   * @param channels latent channels
   * @param pixelsPerLatent image pixels per latent cell along each side
   * @param patch latent cells per transformer token along each side, 1 if the manifest has none
   */
  public record LatentSpace(int channels, int pixelsPerLatent, int patch) {}

  /**
   * The supported widths and heights, in pixels.
   *
   * @param multipleOf every side is a multiple of this
   * @param min the smallest side
   * @param max the largest side
   */
  public record SizeRule(int multipleOf, int min, int max) {
    void check(String side, int pixels) {
      if (pixels < min || pixels > max || pixels % multipleOf != 0) {
        throw new InvalidRequestException(
            side
                + " "
                + pixels
                + " is not a size of this model: use a multiple of "
                + multipleOf
                + " from "
                + min
                + " to "
                + max
                + " pixels");
      }
    }
  }

  /**
   * Settings used where a request sets none.
   *
   * @param height in pixels
   * @param width in pixels
   * @param steps denoising steps
   * @param guidanceScale the guidance scale
   */
  public record Defaults(int height, int width, int steps, double guidanceScale) {}

  /** How the prompt guides the denoiser. */
  public enum Guidance {
    /**
     * Classifier-free guidance: each step evaluates a conditional and an unconditional branch,
     * combined by the guidance scale.
     */
    @JsonProperty("classifier-free")
    CLASSIFIER_FREE,
    /** Embedded guidance: each step evaluates one branch, with the guidance scale as an input. */
    @JsonProperty("embedded")
    EMBEDDED,
    /** No guidance: each step evaluates one branch, without a guidance scale. */
    @JsonProperty("none")
    NONE
  }

  /**
   * A scheduler as diffusers stores it.
   *
   * @param type the class name, such as {@code DDIMScheduler}
   * @param config the content of {@code scheduler_config.json}
   * @param sigmas the sigmas that the pipeline passes to the scheduler, {@code null} if the
   *     scheduler computes them
   */
  public record SchedulerSpec(
      String type,
      Map<String, Object> config,
      @JsonSetter(nulls = Nulls.SET) @Nullable Sigmas sigmas) {}

  /** Sigmas that a pipeline passes to its scheduler. */
  public enum Sigmas {
    /** T values at even distances from 1 to 1/T, for T steps. */
    @JsonProperty("linear")
    LINEAR
  }

  /**
   * A tokenizer.
   *
   * @param file a complete {@code tokenizer.json} with padding and truncation
   * @param encoder the name of the text encoder that reads its ids, such as {@code CLIP-L}; {@code
   *     null} if the manifest has none
   * @param length ids per text
   * @param padId the id that pads
   * @param bosId the id that begins a text, {@code null} if none does
   * @param eosId the id that ends a text, {@code null} if none does
   * @param check a text and its ids, by which a loaded tokenizer is verified
   * @param checks more texts and their ids; may be empty
   */
  public record TokenizerSpec(
      String file,
      @JsonSetter(nulls = Nulls.SET) @Nullable String encoder,
      int length,
      long padId,
      @JsonSetter(nulls = Nulls.SET) @Nullable Long bosId,
      @JsonSetter(nulls = Nulls.SET) @Nullable Long eosId,
      TokenizerCheck check,
      List<TokenizerCheck> checks) {

    /** Copies the checks; absent ones become an empty list. */
    public TokenizerSpec {
      checks = checks == null ? List.of() : List.copyOf(checks);
    }

    /** The check that every manifest has, and those that only some have. */
    public List<TokenizerCheck> allChecks() {
      return Stream.concat(Stream.of(check), checks.stream()).toList();
    }
  }

  /**
   * A text and the ids it must give.
   *
   * @param text the text
   * @param ids its ids, as many as the tokenizer's length
   */
  public record TokenizerCheck(String text, List<Long> ids) {
    /** Copies the ids. */
    public TokenizerCheck {
      ids = List.copyOf(ids);
    }
  }

  /**
   * The text encoder module.
   *
   * @param file its TorchScript file
   * @param outputs what it returns, in order
   */
  public record TextEncoderSpec(String file, List<TensorSpec> outputs) {}

  /**
   * A named tensor.
   *
   * @param name its name
   * @param shape its shape without the batch dimension
   */
  public record TensorSpec(String name, List<Integer> shape) {}

  /**
   * The denoiser module.
   *
   * @param file its TorchScript file
   * @param timestepType how it takes the timestep
   * @param prediction a note on its output, informative only
   */
  public record DenoiserSpec(
      String file, TimestepType timestepType, Map<String, Object> prediction) {}

  /** The data type of the timestep. */
  public enum TimestepType {
    /** 64-bit integer. */
    @JsonProperty("int64")
    INT64,
    /** 32-bit float. */
    @JsonProperty("float32")
    FLOAT32
  }

  /**
   * An activation that the denoiser module can return.
   *
   * @param name the module path in the original network
   * @param channels channels after the projection
   * @param grid rows and columns after pooling
   */
  public record TapSpec(String name, int channels, List<Integer> grid) {
    /** The tap as the rest of the library names it. */
    public Tap toTap() {
      return new Tap(name, channels, grid.get(0), grid.get(1));
    }
  }

  /**
   * A TorchScript module.
   *
   * @param file its file
   */
  public record ModuleSpec(String file) {}

  /**
   * A learned metric.
   *
   * @param name its name
   * @param file its TorchScript file
   * @param tokenizer the index of the tokenizer whose ids it takes
   */
  public record MetricSpec(String name, String file, int tokenizer) {}

  /**
   * A probe in the bundle.
   *
   * @param file its JSON file
   * @param fraction the fraction done that it was trained at
   */
  public record ProbeSpec(String file, double fraction) {}

  /**
   * A file's length and checksum.
   *
   * @param sha256 lower-case hexadecimal SHA-256
   * @param bytes its length
   */
  public record FileSpec(String sha256, long bytes) {}
}
