package io.github.probeselect.testing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.probeselect.bundle.BundleManifest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/**
 * A small bundle directory that is valid in every respect except that its modules are text files. A
 * test takes it and breaks what it is about.
 */
public final class FakeBundle {

  /** The files of the bundle, the manifest aside. */
  public static final List<String> FILES =
      List.of(
          "denoiser.pt",
          "metrics/brightness.pt",
          "probe/probe.json",
          "probe/probe.safetensors",
          "text_encoder.pt",
          "tokenizer/tokenizer.json",
          "vae_decoder.pt");

  private static final ObjectMapper JSON = new ObjectMapper();

  /** A wide default size, so that width and height cannot be mistaken for each other. */
  private static final String MANIFEST =
      """
      {
        "formatVersion": 1,
        "name": "fake",
        "family": "stable-diffusion-2",
        "latents": {"channels": 4, "pixelsPerLatent": 8, "patch": 1},
        "size": {"multipleOf": 8, "min": 16, "max": 64},
        "defaults": {"height": 16, "width": 32, "steps": 10, "guidanceScale": 3.0},
        "guidance": "classifier-free",
        "scheduler": {
          "type": "DDIMScheduler",
          "config": {
            "_class_name": "DDIMScheduler",
            "num_train_timesteps": 1000,
            "beta_start": 0.00085,
            "beta_end": 0.012,
            "beta_schedule": "scaled_linear",
            "trained_betas": null,
            "clip_sample": false,
            "set_alpha_to_one": false,
            "steps_offset": 1,
            "prediction_type": "epsilon",
            "timestep_spacing": "leading"
          }
        },
        "tokenizers": [
          {
            "file": "tokenizer/tokenizer.json",
            "length": 12,
            "padId": 0,
            "bosId": 1,
            "eosId": 2,
            "check": {"text": "a red circle", "ids": [1, 7, 8, 9, 2, 0, 0, 0, 0, 0, 0, 0]}
          }
        ],
        "textEncoder": {
          "file": "text_encoder.pt",
          "outputs": [{"name": "encoder_hidden_states", "shape": [12, 4]}]
        },
        "promptEmbedding": "encoder_hidden_states",
        "denoiser": {
          "file": "denoiser.pt",
          "timestepType": "int64",
          "prediction": {"type": "epsilon", "channels": 4}
        },
        "taps": [
          {"name": "mid_block", "channels": 4, "grid": [1, 2]},
          {"name": "up_blocks.0", "channels": 4, "grid": [2, 2]}
        ],
        "vaeDecoder": {"file": "vae_decoder.pt"},
        "metrics": [{"name": "brightness", "file": "metrics/brightness.pt", "tokenizer": 0}],
        "probes": [{"file": "probe/probe.json", "fraction": 0.2}],
        "dtype": "float32",
        "device": "cpu",
        "provenance": {"exporter": "test fixture"},
        "files": {}
      }
      """;

  private final FakeDirectory written;

  private FakeBundle(FakeDirectory written) {
    this.written = written;
  }

  /** Writes a valid bundle into a directory, which is made if need be. */
  public static FakeBundle in(Path directory) throws IOException {
    return new FakeBundle(FakeDirectory.write(directory, "manifest.json", MANIFEST, FILES));
  }

  /** The bundle's directory. */
  public Path directory() {
    return written.path();
  }

  /** A file of the bundle, by its name in {@link #FILES}. */
  public Path file(String name) {
    return written.file(name);
  }

  /** Puts another content into a file, which the bundle lists as it lists all others. */
  public FakeBundle replace(String name, String content) throws IOException {
    written.replace(name, content);
    return this;
  }

  /** Changes the manifest of the written bundle. */
  public FakeBundle editManifest(Consumer<ObjectNode> edit) throws IOException {
    written.edit(edit);
    return this;
  }

  /** Replaces the manifest of the written bundle by any text. */
  public FakeBundle writeManifest(String text) throws IOException {
    written.writeManifest(text);
    return this;
  }

  /** The manifest of the fake model, without a bundle on disk. */
  public static BundleManifest manifest() {
    return manifest(json -> {});
  }

  /** The manifest of the fake model with some values changed, without a bundle on disk. */
  public static BundleManifest manifest(Consumer<ObjectNode> edit) {
    try {
      ObjectNode json = manifestJson();
      json.withObject("files")
          .putObject("denoiser.pt")
          .put("sha256", "0123456789abcdef".repeat(4))
          .put("bytes", 1);
      edit.accept(json);
      return JSON.treeToValue(json, BundleManifest.class);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not a manifest", e);
    }
  }

  private static ObjectNode manifestJson() throws JsonProcessingException {
    return (ObjectNode) JSON.readTree(MANIFEST);
  }
}
