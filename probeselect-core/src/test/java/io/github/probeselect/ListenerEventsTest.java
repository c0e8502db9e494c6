package io.github.probeselect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.probeselect.error.BackendException;
import io.github.probeselect.error.DeadlineExceededException;
import io.github.probeselect.error.GenerationCancelledException;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.image.RgbImage;
import io.github.probeselect.model.QualityMetric;
import io.github.probeselect.selection.DecisionPoint;
import io.github.probeselect.testing.FakeModel;
import io.github.probeselect.testing.FakePipeline;
import io.github.probeselect.testing.ScriptedProbe;
import io.github.probeselect.testing.Stage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What listeners hear beside progress and decisions, and how they cancel. */
@Timeout(60)
class ListenerEventsTest {

  @RegisterExtension final FakePipeline fake = new FakePipeline();

  /** Writes down the names of the events, in a line each. */
  private static final class Log implements GenerationListener {
    private final List<String> lines = new ArrayList<>();
    private final List<Preview> previews = new ArrayList<>();

    private synchronized void add(String line) {
      lines.add(line);
    }

    private synchronized List<String> lines() {
      return List.copyOf(lines);
    }

    @Override
    public void onStart(Start start) {
      add("start " + start.origins().size() + " " + start.plan().cuts().size());
    }

    @Override
    public void onPreview(Preview preview) {
      previews.add(preview);
      add("preview of " + preview.candidate() + " at " + preview.stepsDone());
    }

    @Override
    public void onFinished(KeptImage image) {
      add("finished " + image.seed() + " " + image.finalScore().isPresent());
    }

    @Override
    public void onImage(KeptImage image) {
      add("image " + image.seed() + " " + image.finalScore().isPresent());
    }

    @Override
    public void onResult(GenerationResult result) {
      add("result " + result.images().size());
    }

    @Override
    public void onFailure(Throwable failure) {
      add("failure " + failure.getClass().getSimpleName());
    }
  }

  @Test
  void everyImageIsAnEventAsSoonAsItIsFinished() {
    Log log = new Log();
    fake.request(3, 2).probe(ScriptedProbe.scores(0.25, 0.75, 0.5)).listener(log).generate();

    assertThat(log.lines())
        .containsExactly(
            "start 3 1",
            "finished 1 false",
            "image 1 false",
            "finished 2 false",
            "image 2 false",
            "result 2");
  }

  @Test
  void whatAMetricLeavesOutIsFinishedToo() {
    Log log = new Log();
    fake.request(3, 1)
        .probe(ScriptedProbe.scores(0.25, 0.75, 0.5))
        .cuts()
        .rescoreBy(QualityMetric.of("red", (image, prompt) -> image.red(0, 0)))
        .listener(log)
        .generate();

    assertThat(log.lines()).filteredOn(line -> line.startsWith("finished")).hasSize(3);
    assertThat(log.lines().subList(4, log.lines().size()))
        .hasSize(2)
        .first()
        .asString()
        .startsWith("image ")
        .endsWith("true");
  }

  @Test
  void previewsComeEveryKthStepOfWhatRuns() {
    Log log = new Log();
    GenerationResult result =
        fake.request(3, 1)
            .probe(ScriptedProbe.scores(0.25, 0.75, 0.5))
            .previewEvery(4)
            .listener(log)
            .generate();

    assertThat(log.previews)
        .extracting(preview -> preview.candidate() + " " + preview.stepsDone())
        .containsExactly("1 4", "1 8");
    assertThat(log.previews.get(0).origin()).isEqualTo(Origin.seed(1));
    assertThat(log.previews.get(0).image().width()).isEqualTo(result.settings().width());
    assertThat(result.candidates().get(1).preview()).isEmpty();
  }

  @Test
  void aPreviewAtTheDecisionIsDecodedOnce() {
    Log log = new Log();
    GenerationResult result =
        fake.request(2, 1).previews(true).previewEvery(2).listener(log).generate();

    List<RgbImage> atDecision =
        log.previews.stream()
            .filter(preview -> preview.stepsDone() == 2)
            .map(GenerationListener.Preview::image)
            .toList();
    assertThat(atDecision).hasSize(2);
    assertThat(atDecision.get(0)).isSameAs(result.candidates().get(0).preview().orElseThrow());
  }

  @Test
  void previewsChangeNoImageAndCostNothingUnlessAskedFor() {
    Log silent = new Log();
    GenerationResult plain = fake.request(3, 2).listener(silent).generate();
    assertThat(fake.model().calls(Stage.DECODE)).isEqualTo(2);
    assertThat(fake.model().calls(Stage.PREVIEW)).isZero();
    Log log = new Log();
    GenerationResult previewed = fake.request(3, 2).previewEvery(1).listener(log).generate();

    assertThat(silent.previews).isEmpty();
    assertThat(log.previews).hasSize(3 * 2 + 2 * 7);
    for (int i = 0; i < 2; i++) {
      assertThat(previewed.images().get(i).image()).isEqualTo(plain.images().get(i).image());
      assertThat(previewed.images().get(i).score()).isEqualTo(plain.images().get(i).score());
    }
    assertThat(previewed.evaluations()).isEqualTo(plain.evaluations());
  }

  @Test
  void aSessionHasPreviewsToo() {
    Log log = new Log();
    Session session = fake.request(2, 1).previewEvery(3).listener(log).open();
    session.advance(DecisionPoint.step(4));

    assertThat(log.lines()).containsExactly("preview of 0 at 3", "preview of 1 at 3");
  }

  @Test
  void lessThanEveryStepIsRefused() {
    assertThatExceptionOfType(InvalidRequestException.class)
        .isThrownBy(() -> fake.request(1, 1).previewEvery(0));
  }

  @Test
  void aListenerCancelsWithTheExceptionThatSaysSo() {
    Log log = new Log();
    GenerationListener gone =
        new GenerationListener() {
          @Override
          public void onProgress(Progress progress) {
            log.add("step " + progress.step());
            if (progress.step() == 3) {
              throw new GenerationCancelledException("the browser was closed");
            }
          }

          @Override
          public void onFailure(Throwable failure) {
            log.onFailure(failure);
          }
        };

    assertThatExceptionOfType(GenerationCancelledException.class)
        .isThrownBy(() -> fake.request(2, 1).microBatchSize(8).listener(gone).generate())
        .withMessageContaining("the browser was closed");
    assertThat(log.lines())
        .containsExactly("step 1", "step 2", "step 3", "failure GenerationCancelledException");
  }

  @Test
  void whatWasQueuedFailsWithoutAStart() throws Exception {
    Log log = new Log();
    CountDownLatch held = new CountDownLatch(1);
    List<Generation> before = holdingAllThreads(held);
    Generation queued = fake.request(1, 1).listener(log).start();
    queued.cancel();
    held.countDown();
    before.forEach(Generation::join);

    assertThat(catchThrowable(queued::join)).isInstanceOf(GenerationCancelledException.class);
    assertThat(log.lines()).containsExactly("failure GenerationCancelledException");
  }

  @Test
  void aListenerThatWaitsForTheGenerationWhoseEndItIsToldIsRefused() {
    CountDownLatch held = new CountDownLatch(1);
    List<Generation> before = holdingAllThreads(held);
    List<Generation> queued = new ArrayList<>();
    List<Throwable> refused = new ArrayList<>();
    queued.add(
        fake.request(1, 1)
            .listener(
                new GenerationListener() {
                  @Override
                  public void onFailure(Throwable failure) {
                    refused.add(catchThrowable(queued.get(0)::join));
                  }
                })
            .start());
    queued.get(0).cancel();
    held.countDown();
    before.forEach(Generation::join);

    assertThat(catchThrowable(queued.get(0)::join))
        .isInstanceOf(GenerationCancelledException.class);
    assertThat(refused).singleElement().isInstanceOf(InvalidRequestException.class);
  }

  private List<Generation> holdingAllThreads(CountDownLatch held) {
    List<Generation> before = new ArrayList<>();
    for (int i = 0; i < GenerationThreads.AT_ONCE; i++) {
      before.add(
          fake.request(1, 1)
              .listener(
                  new GenerationListener() {
                    @Override
                    public void onStart(Start start) {
                      try {
                        held.await(30, TimeUnit.SECONDS);
                      } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                      }
                    }
                  })
              .start());
    }
    return before;
  }

  /** The listener is slow, so that a result that comes before it would be seen. */
  @Test
  void whoeverHasTheResultFindsTheListenersTold() {
    List<String> told = new CopyOnWriteArrayList<>();
    GenerationRequest request =
        fake.request(1, 1)
            .deadline(Instant.EPOCH)
            .listener(
                new GenerationListener() {
                  @Override
                  public void onFailure(Throwable failure) {
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
                    told.add(failure.getClass().getSimpleName());
                  }
                });

    assertThat(catchThrowable(() -> request.start().join()))
        .isInstanceOf(DeadlineExceededException.class);
    assertThat(told).containsExactly("DeadlineExceededException");
  }

  @Test
  void everyKindOfFailureIsToldOnce() {
    Log log = new Log();
    GenerationRequest request = fake.request(2, 1).listener(log);

    assertThat(catchThrowable(() -> request.size(3, 3).generate())).isNotNull();
    assertThat(catchThrowable(() -> request.size(3, 3).start())).isNotNull();
    assertThat(catchThrowable(() -> request.deadline(Instant.EPOCH).generate()))
        .isInstanceOf(DeadlineExceededException.class);
    assertThat(catchThrowable(() -> request.deadline(Instant.EPOCH).start().join()))
        .isInstanceOf(DeadlineExceededException.class);
    fake.pipeline().close();
    assertThat(catchThrowable(request::generate)).isInstanceOf(BackendException.class);
    assertThat(catchThrowable(request::start)).isInstanceOf(BackendException.class);

    assertThat(log.lines())
        .containsExactly(
            "failure InvalidRequestException",
            "failure InvalidRequestException",
            "failure DeadlineExceededException",
            "failure DeadlineExceededException",
            "failure BackendException",
            "failure BackendException");
  }

  @Test
  void aPipelineHasListenersOfItsOwn() {
    Log all = new Log();
    Log own = new Log();
    Pipeline.Options options =
        Pipeline.Options.defaults()
            .listeners(
                () -> {
                  throw new IllegalStateException("no listener today");
                },
                () -> all);
    try (var pipeline = new Pipeline(List.of(new FakeModel()), Optional.empty(), options)) {
      pipeline.request("a circle").listener(own).generate();
      pipeline.request("a square").start().join();
      pipeline.request("a star").candidates(2).previewEvery(2).open().finish();
    }

    assertThat(own.lines())
        .containsExactly("start 1 1", "finished 0 false", "image 0 false", "result 1");
    assertThat(all.lines().subList(0, 8))
        .containsExactly(
            "start 1 1",
            "finished 0 false",
            "image 0 false",
            "result 1",
            "start 1 1",
            "finished 0 false",
            "image 0 false",
            "result 1");
    assertThat(all.lines()).filteredOn(line -> line.startsWith("start")).hasSize(2);
    assertThat(all.lines()).contains("preview of 1 at 8", "image 1 false");
  }

  @Test
  void onceItEndsNobodyWaitsForItself() {
    List<Throwable> refused = new ArrayList<>();
    Generation[] own = new Generation[1];
    CountDownLatch known = new CountDownLatch(1);
    GenerationListener waiting =
        new GenerationListener() {
          @Override
          public void onResult(GenerationResult result) {
            try {
              known.await(30, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
            refused.add(catchThrowable(own[0]::join));
          }
        };
    own[0] = fake.request(1, 1).listener(waiting).start();
    known.countDown();
    own[0].join();

    assertThat(refused).singleElement().isInstanceOf(InvalidRequestException.class);
  }
}
