package io.github.probeselect;

import static io.github.probeselect.internal.io.NpyArray.Type.FLOAT32;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.probeselect.bundle.BundleManifest;
import io.github.probeselect.bundle.BundleManifest.FileSpec;
import io.github.probeselect.bundle.BundleManifest.SchedulerSpec;
import io.github.probeselect.bundle.BundleManifest.TokenizerSpec;
import io.github.probeselect.bundle.LatentShape;
import io.github.probeselect.error.InvalidSessionException;
import io.github.probeselect.internal.WritableText;
import io.github.probeselect.internal.io.NpyArray;
import io.github.probeselect.internal.io.NpyArray.Layout;
import io.github.probeselect.internal.io.NpzFile;
import io.github.probeselect.internal.io.StrictJson;
import io.github.probeselect.model.Score;
import io.github.probeselect.noise.StartingNoise;
import io.github.probeselect.schedule.SamplerState;
import io.github.probeselect.selection.Reading;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The file of a saved session: JSON and arrays in one archive, described in {@code
 * docs/sessions.md}.
 */
final class SessionFile {

  private static final int FORMAT_VERSION = 1;
  private static final String META = "meta.json";

  /** The setting that is not saved: a session may go on on another device. */
  private static final String DEVICE = "device";

  private static final JsonMapper JSON =
      StrictJson.builder()
          .defaultSetterInfo(JsonSetter.Value.construct(Nulls.FAIL, Nulls.FAIL))
          .enable(
              DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES,
              DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES,
              DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  private SessionFile() {}

  /** The JSON of the file. */
  private record Meta(
      int formatVersion,
      JsonNode model,
      SettingsValues settings,
      List<Entry> candidates,
      List<Integer> running,
      long evaluations) {}

  /** The parts of a model that an image depends on: their checksums, and the scheduler. */
  private record Model(
      String denoiser,
      String textEncoder,
      String vaeDecoder,
      List<String> tokenizers,
      SchedulerSpec scheduler) {

    static Model of(BundleManifest manifest) {
      return new Model(
          sha256(manifest, manifest.denoiser().file()),
          sha256(manifest, manifest.textEncoder().file()),
          sha256(manifest, manifest.vaeDecoder().file()),
          manifest.tokenizers().stream()
              .map(TokenizerSpec::file)
              .map(file -> sha256(manifest, file))
              .toList(),
          manifest.scheduler());
    }

    private static String sha256(BundleManifest manifest, String file) {
      FileSpec spec = manifest.files().get(file);
      return spec == null ? "" : spec.sha256();
    }
  }

  /** A candidate without its arrays. */
  private record Entry(
      StartingNoise noise,
      @JsonSetter(nulls = Nulls.SET) @Nullable String wording,
      @JsonSetter(nulls = Nulls.SET) @Nullable Double guidanceScale,
      int stepsDone,
      int remembered,
      boolean seen,
      int features,
      double guidanceGap,
      @JsonSetter(nulls = Nulls.SET) @Nullable Double finalScore,
      List<SavedReading> readings) {

    Origin origin() {
      return new Origin(noise, Optional.ofNullable(wording), Optional.ofNullable(guidanceScale));
    }
  }

  /** A reading. */
  private record SavedReading(String signal, int stepsDone, double score, double deviation) {
    Reading reading(int steps) {
      return new Reading(signal, stepsDone, steps, new Score(score, deviation));
    }
  }

  static void write(Path file, SavedSession session, BundleManifest manifest) throws IOException {
    LatentShape shape = session.settings().latentShape();
    Map<String, byte[]> pieces = new LinkedHashMap<>();
    Meta meta =
        new Meta(
            FORMAT_VERSION,
            model(manifest),
            session.settings(),
            session.candidates().stream().map(SessionFile::entry).toList(),
            session.running(),
            session.evaluations());
    ObjectNode json = JSON.valueToTree(meta);
    json.withObject("/settings").remove(DEVICE);
    pieces.put(META, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(json));
    for (int i = 0; i < session.candidates().size(); i++) {
      String folder = folder(i);
      SavedCandidate candidate = session.candidates().get(i);
      List<float[]> history = candidate.state().history();
      pieces.put(folder + "latents.npy", bytes(candidate.state().latents(), maps(shape)));
      for (int j = 0; j < history.size(); j++) {
        pieces.put(folder + "history/" + j + ".npy", bytes(history.get(j), maps(shape)));
      }
      if (candidate.isSeen()) {
        pieces.put(folder + "x0.npy", bytes(candidate.point().x0Prediction(), maps(shape)));
      }
      candidate
          .features()
          .ifPresent(
              values -> pieces.put(folder + "features.npy", bytes(values, row(values.length))));
    }
    NpzFile.write(file, pieces);
  }

  private static Entry entry(SavedCandidate candidate) {
    Origin origin = candidate.origin();
    return new Entry(
        origin.noise(),
        origin.wording().orElse(null),
        origin.guidanceScale().orElse(null),
        candidate.point().stepsDone(),
        candidate.state().history().size(),
        candidate.isSeen(),
        candidate.features().map(values -> values.length).orElse(0),
        candidate.point().guidanceGap(),
        candidate.finalScore().orElse(null),
        candidate.readings().stream()
            .map(
                reading ->
                    new SavedReading(
                        reading.signal(),
                        reading.stepsDone(),
                        reading.score().value(),
                        reading.score().deviation()))
            .toList());
  }

  /**
   * Reads a file and checks version, checksums, shapes and that the model is the same.
   *
   * @throws InvalidSessionException if anything is wrong
   */
  static SavedSession read(Path file, BundleManifest manifest) {
    try (NpzFile npz = NpzFile.open(file)) {
      JsonNode json = JSON.readTree(npz.read(META));
      int version = StrictJson.formatVersion(json);
      if (version != FORMAT_VERSION) {
        throw new InvalidSessionException(
            String.format(
                Locale.ROOT,
                "session %s has format version %s; this library reads version %d",
                file,
                json.path("formatVersion"),
                FORMAT_VERSION));
      }
      if (json.get("settings") instanceof ObjectNode settings) {
        settings.put(DEVICE, "");
      }
      Meta meta = JSON.treeToValue(json, Meta.class);
      JsonNode own = model(manifest);
      if (!meta.model.equals(own)) {
        throw new InvalidSessionException(
            String.format(
                Locale.ROOT,
                "session %s was saved with another model, %s with %s, but this is %s with %s; open it with the model it was saved with",
                file,
                meta.settings.bundle(),
                meta.model,
                manifest.name(),
                own));
      }
      List<SavedCandidate> candidates = new ArrayList<>();
      for (Entry entry : meta.candidates) {
        candidates.add(candidate(npz, folder(candidates.size()), entry, meta.settings));
      }
      return new SavedSession(meta.settings, candidates, meta.running, meta.evaluations);
    } catch (InvalidSessionException e) {
      throw e;
    } catch (NoSuchFileException e) {
      throw new InvalidSessionException("there is no session " + file, e);
    } catch (IOException | RuntimeException e) {
      throw new InvalidSessionException(
          String.format(Locale.ROOT, "session %s is damaged: %s", file, e.getMessage()), e);
    }
  }

  /** The model in its serialised form, so that numbers are compared as they are written. */
  private static JsonNode model(BundleManifest manifest) throws IOException {
    return JSON.readTree(JSON.writeValueAsBytes(Model.of(manifest)));
  }

  private static SavedCandidate candidate(
      NpzFile npz, String folder, Entry entry, SettingsValues settings) throws IOException {
    int steps = settings.scheduleSteps();
    if (entry.stepsDone < 0 || entry.stepsDone > steps) {
      throw new IOException(
          String.format(Locale.ROOT, "%s has %d of %d steps done", folder, entry.stepsDone, steps));
    }
    if (entry.remembered < 0 || entry.features < 0) {
      throw new IOException(folder + " has a negative number of arrays");
    }
    int read = 1;
    for (SavedReading saved : entry.readings) {
      Optional<String> fault = WritableText.fault(saved.signal);
      if (fault.isPresent()) {
        throw new IOException("the name of a signal in " + folder + " contains " + fault.get());
      }
      if (saved.stepsDone < read || saved.stepsDone > entry.stepsDone) {
        throw new IOException(
            String.format(
                Locale.ROOT,
                "%s has a reading after step %d of the %d it has done",
                folder,
                saved.stepsDone,
                entry.stepsDone));
      }
      read = saved.stepsDone;
    }
    Layout maps = maps(settings.latentShape());
    List<float[]> history = new ArrayList<>();
    for (int j = 0; j < entry.remembered; j++) {
      history.add(floats(npz, folder + "history/" + j, maps));
    }
    return new SavedCandidate(
        entry.origin(),
        new TrajectoryPoint(
            entry.stepsDone,
            SamplerState.of(floats(npz, folder + "latents", maps), history),
            entry.seen ? floats(npz, folder + "x0", maps) : new float[0],
            entry.guidanceGap),
        entry.readings.stream().map(saved -> saved.reading(steps)).toList(),
        entry.features > 0
            ? Optional.of(floats(npz, folder + "features", row(entry.features)))
            : Optional.empty(),
        Optional.ofNullable(entry.finalScore));
  }

  private static String folder(int candidate) {
    return "candidates/" + candidate + "/";
  }

  private static Layout maps(LatentShape shape) {
    return Layout.of(FLOAT32, shape.channels(), shape.height(), shape.width());
  }

  private static Layout row(int length) {
    return Layout.of(FLOAT32, length);
  }

  private static byte[] bytes(float[] values, Layout layout) {
    NpyArray array = NpyArray.zeros(layout);
    array.put(0, values);
    return array.toBytes();
  }

  private static float[] floats(NpzFile npz, String name, Layout layout) throws IOException {
    try {
      return NpyArray.read(npz.read(name + ".npy"), layout).floats(0, layout.count());
    } catch (IOException e) {
      throw new IOException(name + ": " + e.getMessage(), e);
    }
  }
}
