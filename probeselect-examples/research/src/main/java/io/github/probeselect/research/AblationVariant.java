package io.github.probeselect.research;

import io.github.probeselect.bundle.BundleManifest.Tap;
import io.github.probeselect.djl.probe.ProbeShape;
import io.github.probeselect.djl.training.InputMask;
import io.github.probeselect.djl.training.TrainingSettings;
import io.github.probeselect.djl.training.TrainingSettings.Terms;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A probe that lacks something, or has more.
 *
 * @param group what it is compared with
 * @param name what it is called
 * @param prompts how many it learns from
 * @param shown what it sees
 * @param settings how it is trained; preview epochs say that it has a decoder
 * @param picture whether it predicts the finished image
 */
record AblationVariant(
    String group,
    String name,
    int prompts,
    InputMask shown,
    TrainingSettings settings,
    boolean picture) {

  /** Epochs in which the decoder that they share learns. */
  static final int DECODER_EPOCHS = 12;

  private static final int RANKING_EPOCHS = 4;

  /**
   * All of them, the one that lacks nothing first.
   *
   * @param prompts how many a probe learns from where that is not what is varied
   * @param available how many there are
   * @param epochs of predicting the finished image
   */
  static List<AblationVariant> all(ProbeShape shape, int prompts, int available, int epochs) {
    TrainingSettings settings =
        TrainingSettings.defaults().withEpochs(DECODER_EPOCHS, epochs, RANKING_EPOCHS);
    AblationVariant whole =
        new AblationVariant(
            "all", "everything", prompts, InputMask.everything(shape), settings, true);
    List<AblationVariant> variants = new ArrayList<>();
    variants.add(whole);
    variants.addAll(inputs(whole, shape, epochs));
    variants.addAll(objectives(whole, epochs));
    for (int count : new int[] {prompts / 4, prompts / 2, prompts * 2, prompts * 4}) {
      if (count > 0 && count <= available) {
        variants.add(
            new AblationVariant(
                "data", count + " training prompts", count, whole.shown, settings, true));
      }
    }
    return variants;
  }

  private static List<AblationVariant> inputs(AblationVariant whole, ProbeShape shape, int epochs) {
    InputMask all = whole.shown;
    TrainingSettings undecoded = whole.settings.withEpochs(0, epochs, RANKING_EPOCHS);
    List<AblationVariant> variants = new ArrayList<>();
    for (Tap tap : shape.inputs().taps()) {
      variants.add(whole.seeing("input", tap.name() + " alone", all.withTaps(Set.of(tap.name()))));
    }
    variants.add(whole.seeing("input", "no tap", all.withTaps(Set.of())));
    variants.add(
        whole
            .seeing("input", "no x0 prediction", all.withoutX0Prediction())
            .trained("input", "no x0 prediction", undecoded, true));
    variants.add(whole.trained("input", "x0 prediction not decoded", undecoded, true));
    for (int pooled = 2; pooled <= shape.gridHeight(); pooled *= 2) {
      String name =
          String.format(
              Locale.ROOT,
              "taps on %d x %d cells",
              shape.gridHeight() / pooled,
              shape.gridWidth() / pooled);
      variants.add(whole.seeing("grid", name, all.withPooled(pooled)));
    }
    for (int channels : new int[] {16, 4}) {
      String name = String.format(Locale.ROOT, "%d channels of each tap", channels);
      variants.add(whole.seeing("channels", name, all.withChannels(channels)));
    }
    return variants;
  }

  private static List<AblationVariant> objectives(AblationVariant whole, int epochs) {
    TrainingSettings settings = whole.settings;
    TrainingSettings published =
        TrainingSettings.published().withEpochs(0, 0, epochs + RANKING_EPOCHS);
    String group = "objective";
    return List.of(
        whole.trained(
            group, "picture alone, no head", settings.withEpochs(DECODER_EPOCHS, epochs, 0), true),
        whole.trained(group, "no ranking term", settings.withTerms(new Terms(0, 1, 0, 0)), true),
        whole.trained(group, "no likelihood term", settings.withTerms(new Terms(1, 0, 0, 0)), true),
        whole.trained(
            group, "with contrastive term", settings.withTerms(new Terms(1, 1, 0, 0.01)), true),
        whole.trained(group, "no picture", published.withTerms(new Terms(1, 1, 0, 0)), false),
        whole.trained(group, "published terms, no picture", published, false),
        whole.trained(
            group,
            "published without contrastive",
            published.withTerms(new Terms(1, 1, 10, 0)),
            false),
        whole.trained(
            group,
            "published without correlation",
            published.withTerms(new Terms(1, 1, 0, 10)),
            false));
  }

  private AblationVariant seeing(String otherGroup, String otherName, InputMask less) {
    return new AblationVariant(otherGroup, otherName, prompts, less, settings, picture);
  }

  private AblationVariant trained(
      String otherGroup, String otherName, TrainingSettings other, boolean predictsPicture) {
    return new AblationVariant(otherGroup, otherName, prompts, shown, other, predictsPicture);
  }

  /** Whether it has a decoder of the x0 prediction. */
  boolean decodes() {
    return settings.previewEpochs() > 0;
  }

  /** Its training once it has the decoder that all such probes share. */
  TrainingSettings withoutDecoder() {
    return settings.withEpochs(0, settings.pictureEpochs(), settings.rankingEpochs());
  }
}
