package com.example.modulepath;

import io.github.probeselect.GenerationResult;
import io.github.probeselect.Origin;
import io.github.probeselect.Pipeline;
import io.github.probeselect.ProbeSelect;
import io.github.probeselect.Session;
import io.github.probeselect.bundle.Bundle;
import io.github.probeselect.dataset.CollectionSettings;
import io.github.probeselect.dataset.Collector;
import io.github.probeselect.dataset.Dataset;
import io.github.probeselect.djl.DjlBackend;
import io.github.probeselect.planning.Calibration;
import io.github.probeselect.scenes.SceneCheck;
import io.github.probeselect.selection.DecisionPoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Goes through whatever the library finds, reads, writes or loads by name; every jar a module. */
public final class App {

  private static final String PROMPT = "a red circle above a blue square on a gray background";

  private App() {}

  public static void main(String[] arguments) throws IOException {
    Path directory = Path.of(arguments[0]);
    for (Class<?> type : List.of(App.class, ProbeSelect.class, DjlBackend.class, SceneCheck.class)) {
      require(type.getModule().isNamed(), "the module of " + type);
    }
    require(Bundle.embedded().isPresent(), "the default bundle");

    GenerationResult drawn = ProbeSelect.generate(PROMPT, 3, 1);
    require(drawn.images().size() == 1, "one image");
    require(!drawn.images().get(0).image().isVoid(), "finite pixels");
    drawn.writeTo(directory.resolve("images"));
    double scored = new SceneCheck().score(drawn.images().get(0).image(), PROMPT);
    require(Double.isFinite(scored), "a score");

    try (Pipeline pipeline = ProbeSelect.openDefault()) {
      session(pipeline, directory.resolve("one.session"));
      calibration(pipeline, directory.resolve(Calibration.FILE));
      dataset(pipeline, directory.resolve("dataset"));
    }
  }

  private static void session(Pipeline pipeline, Path file) throws IOException {
    Session session = pipeline.request(PROMPT).seeds(1, 2).open();
    session.advance(DecisionPoint.fraction(0.2)).keep(Origin.seed(1));
    session.save(file);
    require(pipeline.openSession(file).finish().images().size() == 1, "an image of the session");
  }

  private static void calibration(Pipeline pipeline, Path file) throws IOException {
    Calibration shipped = pipeline.calibration().orElseThrow();
    shipped.write(file);
    require(Calibration.read(file).metric().equals(shipped.metric()), "the calibration's metric");
  }

  private static void dataset(Pipeline pipeline, Path directory) throws IOException {
    new Collector(pipeline, CollectionSettings.of(List.of(0.2), 2), List.of(new SceneCheck()))
        .collect(List.of(PROMPT), directory, Collector.Part.WHOLE, (done, of) -> {});
    require(Dataset.open(directory).prompts().equals(List.of(PROMPT)), "the prompts");
  }

  private static void require(boolean is, String what) {
    if (!is) {
      throw new AssertionError("missing: " + what);
    }
  }
}
