package io.github.probeselect.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.probeselect.bundle.BundleManifest;
import io.github.probeselect.bundle.BundleManifest.Guidance;
import io.github.probeselect.bundle.BundleManifest.TokenizerSpec;
import io.github.probeselect.djl.network.Finite;
import io.github.probeselect.error.BackendException;
import io.github.probeselect.internal.UnreadableTextException;
import io.github.probeselect.model.Conditioning.Reading;
import io.github.probeselect.model.Conditioning.Truncation;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Encodes prompts to the conditioning of the denoiser. */
final class TextEncoder {

  /** The number of characters of a text that a message quotes. */
  private static final int SHOWN = 80;

  private final NativeArena arena;
  private final List<TextTokenizer> tokenizers;
  private final List<String> encoders;
  private final ReleasableModule module;
  private final boolean guided;
  private final List<String> names;
  private final int promptEmbedding;

  TextEncoder(
      NativeArena arena,
      List<TextTokenizer> tokenizers,
      ReleasableModule module,
      BundleManifest manifest) {
    this.arena = arena;
    this.tokenizers = tokenizers;
    this.encoders = encoders(manifest.tokenizers());
    this.module = module;
    this.guided = manifest.guidance() == Guidance.CLASSIFIER_FREE;
    this.names =
        manifest.textEncoder().outputs().stream().map(BundleManifest.TensorSpec::name).toList();
    this.promptEmbedding = names.indexOf(manifest.promptEmbedding());
  }

  /** Encodes a prompt, and, if the model has an unconditional branch, the negative prompt. */
  DjlConditioning encode(String prompt, String negativePrompt) {
    return arena.call(
        "encoding the prompt",
        temporary -> {
          NDManager owner = arena.newOwner();
          try {
            List<Truncation> truncations = new ArrayList<>();
            List<NDArray> conditional = encode(prompt, "prompt", truncations, owner);
            List<NDArray> unconditional =
                guided ? encode(negativePrompt, "negative prompt", truncations, owner) : List.of();
            return new DjlConditioning(
                arena,
                owner,
                conditional,
                unconditional,
                promptEmbedding,
                List.copyOf(truncations));
          } catch (RuntimeException | Error e) {
            owner.close();
            throw e;
          }
        });
  }

  /** Releases the module until the next prompt is encoded; returns false if it is released. */
  boolean release() {
    return arena.call("releasing the text encoder", temporary -> module.release());
  }

  /**
   * Refuses embeddings that are not finite: every image would be void, at the cost of a full
   * generation.
   */
  private List<NDArray> checked(List<NDArray> outputs, String text, String role) {
    for (int output = 0; output < outputs.size(); output++) {
      if (!Finite.all(outputs.get(output).toFloatArray())) {
        throw new BackendException(
            String.format(
                Locale.ROOT,
                "the text encoder, %s, returns numbers that are not finite (its output %s) for the %s '%s'; export the model with --dtype float32, or change the text",
                module.file(),
                names.get(output),
                role,
                beginning(text)));
      }
    }
    return outputs;
  }

  private static String beginning(String text) {
    return text.codePointCount(0, text.length()) <= SHOWN
        ? text
        : text.substring(0, text.offsetByCodePoints(0, SHOWN)) + "...";
  }

  /** What the module returns for one text, each {@code [1, ...]}; truncations are recorded. */
  private List<NDArray> encode(
      String text, String role, List<Truncation> truncations, NDManager owner) {
    try {
      return read(text, role, truncations, owner);
    } catch (UnreadableTextException e) {
      throw e.named(role);
    }
  }

  private List<NDArray> read(
      String text, String role, List<Truncation> truncations, NDManager owner) {
    List<Reading> readings = new ArrayList<>();
    for (int i = 0; i < tokenizers.size(); i++) {
      TextTokenizer tokenizer = tokenizers.get(i);
      int tokens = tokenizer.count(text);
      boolean counted = tokenizer.isCounted(text, tokens);
      readings.add(new Reading(encoders.get(i), tokens, counted, tokenizer.length()));
    }
    if (readings.stream().anyMatch(Reading::isCut)) {
      truncations.add(new Truncation(role, readings));
    }
    try (NDManager temporary = owner.newSubManager()) {
      List<NDArray> ids = new ArrayList<>();
      for (TextTokenizer tokenizer : tokenizers) {
        ids.add(temporary.create(tokenizer.ids(text), new Shape(1, tokenizer.length())));
      }
      return checked(module.module().call("forward", owner, ids), text, role);
    }
  }

  /** The name of each tokenizer's text encoder; those without a name are numbered. */
  private static List<String> encoders(List<TokenizerSpec> tokenizers) {
    List<String> names = new ArrayList<>();
    for (TokenizerSpec tokenizer : tokenizers) {
      String name = tokenizer.encoder();
      names.add(name == null ? "text encoder " + (names.size() + 1) : name);
    }
    return names;
  }
}
