package com.example.spring;

import io.github.probeselect.spring.ProbeSelectImageGenerationMetadata;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ForkJoinPool;
import org.springframework.ai.image.ImageModel;
import org.springframework.ai.image.ImagePrompt;
import org.springframework.ai.image.ImageResponse;
import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Lazy;
import org.springframework.stereotype.Component;

/** Draws on the common pool, also where that has a single thread, and on the thread that starts. */
@SpringBootApplication
public class App {

  private static final String PROMPT = "a red circle above a blue square on a gray background";

  public static void main(String[] arguments) {
    SpringApplication.run(App.class, arguments).close();
  }

  @Component
  static class Drawing implements CommandLineRunner {

    private final ImageModel imageModel;

    /**
     * Lazy, and so under {@code spring.main.lazy-initialization} opened on the common pool, whose
     * threads do not have the class loader of the jar.
     */
    Drawing(@Lazy ImageModel imageModel) {
      this.imageModel = imageModel;
    }

    @Override
    public void run(String... arguments) throws IOException {
      ImageResponse first =
          CompletableFuture.supplyAsync(
                  () -> imageModel.call(new ImagePrompt(PROMPT)),
                  task -> ForkJoinPool.commonPool().execute(task))
              .join();
      ImageResponse second = imageModel.call(new ImagePrompt(PROMPT));
      byte[] png = png(first);
      require(Arrays.equals(png, png(second)), "the same image");
      require(
          ((ProbeSelectImageGenerationMetadata) first.getResult().getMetadata()).getScore() != null,
          "a score");
      Files.write(Path.of(arguments[0]), png);
    }
  }

  private static byte[] png(ImageResponse response) {
    return Base64.getDecoder().decode(response.getResult().getOutput().getB64Json());
  }

  private static void require(boolean is, String what) {
    if (!is) {
      throw new AssertionError("missing: " + what);
    }
  }
}
