package io.github.probeselect.bundle;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import io.github.probeselect.error.InvalidRequestException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What {@code manifest.json} contains; the components are its fields. */
record ManifestValues(
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
    @JsonProperty("taps") List<GridTap> gridTaps,
    ModuleSpec vaeDecoder,
    @JsonSetter(nulls = Nulls.SET) @Nullable ModuleSpec previewDecoder,
    List<MetricSpec> metrics,
    List<ProbeSpec> probes,
    String dtype,
    String device,
    Map<String, Object> provenance,
    @JsonSetter(contentNulls = Nulls.FAIL) Map<String, FileSpec> files)
    implements BundleManifest {

  /** The largest number of pixels whose three floats take less than 2 GiB. */
  private static final int LARGEST_AREA = Integer.MAX_VALUE / Float.BYTES / 3;

  /** Copies the collections; absent metrics, probes and taps become empty lists. */
  ManifestValues {
    tokenizers = List.copyOf(tokenizers);
    gridTaps = gridTaps == null ? List.of() : List.copyOf(gridTaps);
    metrics = metrics == null ? List.of() : List.copyOf(metrics);
    probes = probes == null ? List.of() : List.copyOf(probes);
    files = Map.copyOf(files);
  }

  @Override
  @JsonIgnore
  public List<Tap> taps() {
    return gridTaps.stream().map(GridTap::tap).toList();
  }

  @Override
  public LatentShape latentShape(int width, int height) {
    check("width", width);
    check("height", height);
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

  private void check(String side, int pixels) {
    if (pixels < size.min() || pixels > size.max() || pixels % size.multipleOf() != 0) {
      throw new InvalidRequestException(
          side
              + " "
              + pixels
              + " is not a size of this model: use a multiple of "
              + size.multipleOf()
              + " from "
              + size.min()
              + " to "
              + size.max()
              + " pixels");
    }
  }

  @Override
  public String denoiserHash() {
    return hash(denoiser.file());
  }

  @Override
  public String previewHash() {
    return hash((previewDecoder == null ? vaeDecoder : previewDecoder).file());
  }

  @Override
  public String probesHash() {
    return hashes(
        probes.stream()
            .sorted(Comparator.comparingDouble(ProbeSpec::fraction))
            .map(ProbeSpec::file)
            .distinct());
  }

  @Override
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

  record LatentSpaceValues(int channels, int pixelsPerLatent, int patch) implements LatentSpace {}

  record SizeRuleValues(int multipleOf, int min, int max) implements SizeRule {}

  record DefaultsValues(int height, int width, int steps, double guidanceScale)
      implements Defaults {}

  record SchedulerValues(
      String type,
      Map<String, Object> config,
      @JsonSetter(nulls = Nulls.SET) @Nullable Sigmas sigmas)
      implements SchedulerSpec {}

  record TokenizerValues(
      String file,
      @JsonSetter(nulls = Nulls.SET) @Nullable String encoder,
      int length,
      long padId,
      @JsonSetter(nulls = Nulls.SET) @Nullable Long bosId,
      @JsonSetter(nulls = Nulls.SET) @Nullable Long eosId,
      TokenizerCheck check,
      List<TokenizerCheck> checks)
      implements TokenizerSpec {

    /** Copies the checks; absent ones become an empty list. */
    TokenizerValues {
      checks = checks == null ? List.of() : List.copyOf(checks);
    }

    @Override
    public List<TokenizerCheck> allChecks() {
      return Stream.concat(Stream.of(check), checks.stream()).toList();
    }
  }

  record TokenizerCheckValues(String text, List<Long> ids) implements TokenizerCheck {
    TokenizerCheckValues {
      ids = List.copyOf(ids);
    }
  }

  record TextEncoderValues(String file, List<TensorSpec> outputs) implements TextEncoderSpec {}

  record TensorValues(String name, List<Integer> shape) implements TensorSpec {}

  record DenoiserValues(String file, TimestepType timestepType, Map<String, Object> prediction)
      implements DenoiserSpec {}

  /** A tap as the manifest has it: with rows and columns in a list. */
  record GridTap(String name, int channels, List<Integer> grid) {
    Tap tap() {
      return new Tap(name, channels, grid.get(0), grid.get(1));
    }
  }

  record ModuleValues(String file) implements ModuleSpec {}

  record MetricValues(String name, String file, int tokenizer) implements MetricSpec {}

  record ProbeValues(String file, double fraction) implements ProbeSpec {}

  record FileValues(String sha256, long bytes) implements FileSpec {}
}
