package io.github.probeselect.spring;

import io.github.probeselect.GenerationResult.Evaluations;
import io.micrometer.common.KeyValue;
import io.micrometer.common.KeyValues;
import java.util.Locale;
import java.util.Objects;
import org.springframework.ai.image.ImageResponse;
import org.springframework.ai.image.observation.DefaultImageModelObservationConvention;
import org.springframework.ai.image.observation.ImageModelObservationContext;

/**
 * The convention of Spring AI with what OpenTelemetry adds for images, {@code gen_ai.output.type},
 * {@code gen_ai.request.choice.count} and {@code gen_ai.request.seed}, and with what a selection
 * spent: {@code probeselect.candidates}, {@code probeselect.dropped}, {@code
 * probeselect.evaluations} and {@code probeselect.share_saved}. Only the type of output is of low
 * cardinality, and so a tag of metrics; the others are attributes of spans.
 */
public class ProbeSelectImageObservationConvention extends DefaultImageModelObservationConvention {

  private static final KeyValue OUTPUT_TYPE = KeyValue.of("gen_ai.output.type", "image");

  /** Creates the convention. */
  public ProbeSelectImageObservationConvention() {}

  @Override
  public KeyValues getLowCardinalityKeyValues(ImageModelObservationContext context) {
    return super.getLowCardinalityKeyValues(context).and(OUTPUT_TYPE);
  }

  @Override
  public KeyValues getHighCardinalityKeyValues(ImageModelObservationContext context) {
    KeyValues values = super.getHighCardinalityKeyValues(context);
    if (context.getRequest().getOptions() instanceof ProbeSelectImageOptions options) {
      Integer n = options.getN();
      if (n != null) {
        values = values.and("gen_ai.request.choice.count", n.toString());
      }
      if (options.getSeeds() == null && !Boolean.TRUE.equals(options.getRandomSeeds())) {
        long seed = Objects.requireNonNullElse(options.getSeed(), 0L);
        values = values.and("gen_ai.request.seed", Long.toString(seed));
      }
    }
    ImageResponse response = context.getResponse();
    if (response != null
        && response.getMetadata() instanceof ProbeSelectImageResponseMetadata metadata) {
      Evaluations evaluations = metadata.getEvaluations();
      String saved = String.format(Locale.ROOT, "%.3f", metadata.getShareSaved());
      values =
          values
              .and("probeselect.candidates", Integer.toString(metadata.getCandidates().size()))
              .and("probeselect.dropped", Integer.toString(metadata.getDropped().size()))
              .and("probeselect.evaluations", Long.toString(evaluations.spent()))
              .and("probeselect.share_saved", saved);
    }
    return values;
  }
}
