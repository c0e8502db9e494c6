package io.github.probeselect.spring.snippets;

import io.github.probeselect.Pipeline;
import io.github.probeselect.spring.ProbeSelectImageGenerationMetadata;
import io.github.probeselect.spring.ProbeSelectImageModel;
import io.github.probeselect.spring.ProbeSelectImageOptions;
import io.github.probeselect.spring.ProbeSelectImageResponseMetadata;
import io.micrometer.observation.ObservationRegistry;
import java.time.Duration;
import java.util.Base64;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.ai.image.ImageGeneration;
import org.springframework.ai.image.ImageModel;
import org.springframework.ai.image.ImageOptions;
import org.springframework.ai.image.ImagePrompt;
import org.springframework.ai.image.ImageResponse;
import org.springframework.stereotype.Service;

/**
 * The Java blocks of the page about Spring, compiled; the test of all pages looks for them here.
 */
final class PageSnippets {

  private static final Logger log = LoggerFactory.getLogger(PageSnippets.class);

  private PageSnippets() {}

  static class Page {

    @Service
    class Illustrator {

      private final ImageModel imageModel;

      Illustrator(ImageModel imageModel) {
        this.imageModel = imageModel;
      }

      byte[] draw(String prompt) {
        ImageResponse response = imageModel.call(new ImagePrompt(prompt));
        return Base64.getDecoder().decode(response.getResult().getOutput().getB64Json());
      }
    }

    /** Draws as the page does. */
    byte[] drawn(ImageModel imageModel, String prompt) {
      return new Illustrator(imageModel).draw(prompt);
    }
  }

  static ImageResponse options(ImageModel imageModel) {
    ImageOptions fourOfSixteen =
        ProbeSelectImageOptions.builder()
            .candidates(16)
            .keep(4) // the same as n(4)
            .seed(1000L)
            .steps(30)
            .guidanceScale(3.5)
            .negativePrompt("a blue square")
            .timeout(Duration.ofSeconds(50))
            .build();
    ImageResponse response = imageModel.call(new ImagePrompt("two green stars", fourOfSixteen));
    return response;
  }

  static void whatComesBack(ImageResponse response) {
    for (ImageGeneration image : response.getResults()) {
      var metadata = (ProbeSelectImageGenerationMetadata) image.getMetadata();
      log.info(
          "seed {}, rank {}, score {}",
          metadata.getSeed(),
          metadata.getRank(),
          metadata.getScore());
    }
    var metadata = (ProbeSelectImageResponseMetadata) response.getMetadata();
    log.info("{} dropped, {} saved", metadata.getDropped().size(), metadata.getShareSaved());
    metadata.getWarnings().forEach(log::warn); // text that was cut, images that are void
  }

  static ImageModel withoutSpringBoot(Pipeline pipeline, ObservationRegistry observationRegistry) {
    ImageModel imageModel =
        ProbeSelectImageModel.builder()
            .pipeline(pipeline)
            .options(ProbeSelectImageOptions.builder().candidates(16).build())
            .observationRegistry(observationRegistry)
            .build();
    return imageModel;
  }
}
