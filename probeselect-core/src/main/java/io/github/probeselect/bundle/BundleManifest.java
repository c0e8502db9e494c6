package io.github.probeselect.bundle;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.internal.Arguments;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The description of a model in its bundle; the Java form of {@code manifest.json}, which {@code
 * docs/bundle-format.md} describes field by field. Immutable; equal to another of the same content.
 */
@JsonDeserialize(as = ManifestValues.class)
public sealed interface BundleManifest permits ManifestValues {

  /** The format version this library reads and writes. */
  int FORMAT_VERSION = 1;

  /** The version of the format, {@link #FORMAT_VERSION}. */
  int formatVersion();

  /** The model's name. */
  String name();

  /** The family of diffusers pipelines the model came from; informative only. */
  String family();

  /** The latent space. */
  LatentSpace latents();

  /** Which image sizes the model can do. */
  SizeRule size();

  /** The settings used where a request sets none. */
  Defaults defaults();

  /** How the prompt guides the denoiser. */
  Guidance guidance();

  /** The scheduler's diffusers class name and configuration. */
  SchedulerSpec scheduler();

  /** The tokenizers, in the order in which the text encoder takes their ids. */
  List<TokenizerSpec> tokenizers();

  /** The text encoder module. */
  TextEncoderSpec textEncoder();

  /** The name of the text encoder output that probes read. */
  String promptEmbedding();

  /** The denoiser module. */
  DenoiserSpec denoiser();

  /** The activations that the denoiser module can return. */
  List<Tap> taps();

  /** The module that turns latents into an image. */
  ModuleSpec vaeDecoder();

  /** A smaller and less accurate decoder for previews; {@code null} if the bundle has none. */
  @Nullable ModuleSpec previewDecoder();

  /** Learned metrics that ship with the model. */
  List<MetricSpec> metrics();

  /** Probes that ship with the model. */
  List<ProbeSpec> probes();

  /** The data type at the modules' boundary, {@code float32}. */
  String dtype();

  /**
   * The device that the modules run on: {@code any} if they follow their inputs, or the one that
   * they were exported for, {@code cpu}, {@code cuda} (the first GPU) or {@code mps}.
   */
  String device();

  /** What the bundle was made from, free form. */
  Map<String, Object> provenance();

  /** Every file of the bundle except the manifest. */
  Map<String, FileSpec> files();

  /**
   * The latents of an image of the given size.
   *
   * @param width in pixels
   * @param height in pixels
   * @throws InvalidRequestException if the model does not support that size, or the arrays would
   *     take 2 GiB or more
   */
  LatentShape latentShape(int width, int height);

  /** The tap of the given name, if the bundle has it. */
  default Optional<Tap> tap(String tapName) {
    return taps().stream().filter(tap -> tap.name().equals(tapName)).findFirst();
  }

  /**
   * The number of tokens of an image in a transformer denoiser: one for each patch.
   *
   * @param shape the image's latents
   */
  default int imageTokens(LatentShape shape) {
    int patch = latents().patch();
    return (shape.height() / patch) * (shape.width() / patch);
  }

  /** Rows and columns of the text encoder output that the bundle names as its prompt embedding. */
  default List<Integer> promptEmbeddingShape() {
    return textEncoder().outputs().stream()
        .filter(output -> output.name().equals(promptEmbedding()))
        .findFirst()
        .orElseThrow()
        .shape();
  }

  /** What identifies the denoiser that a probe was trained for: the SHA-256 of its module. */
  String denoiserHash();

  /** What identifies the decoder of previews: the SHA-256 of its module. */
  String previewHash();

  /** What identifies the probes: the SHA-256 of their JSON files, by rising fraction. */
  String probesHash();

  /** What identifies a metric of the bundle: the SHA-256 of its module and of its tokenizer. */
  String metricHash(MetricSpec metric);

  /** The latent space. */
  @JsonDeserialize(as = ManifestValues.LatentSpaceValues.class)
  sealed interface LatentSpace permits ManifestValues.LatentSpaceValues {

    /** Latent channels. */
    int channels();

    /** Image pixels per latent cell along each side. */
    int pixelsPerLatent();

    /** Latent cells per transformer token along each side, 1 if the manifest has none. */
    int patch();
  }

  /** The supported widths and heights, in pixels. */
  @JsonDeserialize(as = ManifestValues.SizeRuleValues.class)
  sealed interface SizeRule permits ManifestValues.SizeRuleValues {

    /** Every side is a multiple of this. */
    int multipleOf();

    /** The smallest side. */
    int min();

    /** The largest side. */
    int max();
  }

  /** Settings used where a request sets none. */
  @JsonDeserialize(as = ManifestValues.DefaultsValues.class)
  sealed interface Defaults permits ManifestValues.DefaultsValues {

    /** In pixels. */
    int height();

    /** In pixels. */
    int width();

    /** Denoising steps. */
    int steps();

    /** The guidance scale. */
    double guidanceScale();
  }

  /** How the prompt guides the denoiser. */
  enum Guidance {
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

  /** A scheduler as diffusers stores it. */
  @JsonDeserialize(as = ManifestValues.SchedulerValues.class)
  sealed interface SchedulerSpec permits ManifestValues.SchedulerValues {

    /** The class name, such as {@code DDIMScheduler}. */
    String type();

    /** The content of {@code scheduler_config.json}. */
    Map<String, Object> config();

    /**
     * The sigmas that the pipeline passes to the scheduler, {@code null} if the scheduler computes
     * them.
     */
    @Nullable Sigmas sigmas();

    /** Describes a scheduler that computes its sigmas. */
    static SchedulerSpec of(String type, Map<String, Object> config) {
      return of(type, config, null);
    }

    /** Describes a scheduler that is passed {@code sigmas}, or computes them if these are null. */
    static SchedulerSpec of(String type, Map<String, Object> config, @Nullable Sigmas sigmas) {
      return new ManifestValues.SchedulerValues(
          Arguments.require("type", type), Arguments.require("config", config), sigmas);
    }
  }

  /** Sigmas that a pipeline passes to its scheduler. */
  enum Sigmas {
    /** T values at even distances from 1 to 1/T, for T steps. */
    @JsonProperty("linear")
    LINEAR
  }

  /** A tokenizer. */
  @JsonDeserialize(as = ManifestValues.TokenizerValues.class)
  sealed interface TokenizerSpec permits ManifestValues.TokenizerValues {

    /** A complete {@code tokenizer.json} with padding and truncation. */
    String file();

    /**
     * The name of the text encoder that reads its ids, such as {@code CLIP-L}; {@code null} if the
     * manifest has none.
     */
    @Nullable String encoder();

    /** Ids per text. */
    int length();

    /** The id that pads. */
    long padId();

    /** The id that begins a text, {@code null} if none does. */
    @Nullable Long bosId();

    /** The id that ends a text, {@code null} if none does. */
    @Nullable Long eosId();

    /** A text and its ids, by which a loaded tokenizer is verified. */
    TokenizerCheck check();

    /** More texts and their ids; may be empty. */
    List<TokenizerCheck> checks();

    /** The check that every manifest has, and those that only some have. */
    List<TokenizerCheck> allChecks();
  }

  /** A text and the ids it must give. */
  @JsonDeserialize(as = ManifestValues.TokenizerCheckValues.class)
  sealed interface TokenizerCheck permits ManifestValues.TokenizerCheckValues {

    /** The text. */
    String text();

    /** Its ids, as many as the tokenizer's length. */
    List<Long> ids();
  }

  /** The text encoder module. */
  @JsonDeserialize(as = ManifestValues.TextEncoderValues.class)
  sealed interface TextEncoderSpec permits ManifestValues.TextEncoderValues {

    /** Its TorchScript file. */
    String file();

    /** What it returns, in order. */
    List<TensorSpec> outputs();
  }

  /** A named tensor. */
  @JsonDeserialize(as = ManifestValues.TensorValues.class)
  sealed interface TensorSpec permits ManifestValues.TensorValues {

    /** Its name. */
    String name();

    /** Its shape without the batch dimension. */
    List<Integer> shape();
  }

  /** The denoiser module. */
  @JsonDeserialize(as = ManifestValues.DenoiserValues.class)
  sealed interface DenoiserSpec permits ManifestValues.DenoiserValues {

    /** Its TorchScript file. */
    String file();

    /** How it takes the timestep. */
    TimestepType timestepType();

    /** A note on its output, informative only. */
    Map<String, Object> prediction();
  }

  /** The data type of the timestep. */
  enum TimestepType {
    /** 64-bit integer. */
    @JsonProperty("int64")
    INT64,
    /** 32-bit float. */
    @JsonProperty("float32")
    FLOAT32
  }

  /**
   * A module inside the denoiser whose output activation the exported model returns. The activation
   * is pooled to a fixed grid and projected to a fixed number of channels, whatever the image size.
   *
   * @param name the module path in the original network, such as {@code up_blocks.2.resnets.1}
   * @param channels channels after the projection
   * @param gridHeight rows after pooling
   * @param gridWidth columns after pooling
   */
  record Tap(String name, int channels, int gridHeight, int gridWidth) {

    /** The number of values of one candidate: {@code channels * gridHeight * gridWidth}. */
    public int count() {
      return channels * gridHeight * gridWidth;
    }
  }

  /** A TorchScript module. */
  @JsonDeserialize(as = ManifestValues.ModuleValues.class)
  sealed interface ModuleSpec permits ManifestValues.ModuleValues {

    /** Its file. */
    String file();
  }

  /** A learned metric. */
  @JsonDeserialize(as = ManifestValues.MetricValues.class)
  sealed interface MetricSpec permits ManifestValues.MetricValues {

    /** Its name. */
    String name();

    /** Its TorchScript file. */
    String file();

    /** The index of the tokenizer whose ids it takes. */
    int tokenizer();
  }

  /** A probe in the bundle. */
  @JsonDeserialize(as = ManifestValues.ProbeValues.class)
  sealed interface ProbeSpec permits ManifestValues.ProbeValues {

    /** Its JSON file. */
    String file();

    /** The fraction done that it was trained at. */
    double fraction();
  }

  /** A file's length and checksum. */
  @JsonDeserialize(as = ManifestValues.FileValues.class)
  sealed interface FileSpec permits ManifestValues.FileValues {

    /** Lower-case hexadecimal SHA-256. */
    String sha256();

    /** Its length. */
    long bytes();
  }
}
