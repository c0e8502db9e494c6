package io.github.probeselect.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.probeselect.GenerationRequest;
import io.github.probeselect.Pipeline;
import java.util.function.Consumer;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A JUnit extension that holds a pipeline on a {@link FakeModel}, and fails the test if anything is
 * left open after it.
 */
public final class FakePipeline implements AfterEachCallback {

  /** The prompt of {@link #request}. */
  public static final String PROMPT = "a red circle on a gray background";

  private FakeModel model = new FakeModel();
  private Pipeline pipeline = new Pipeline(model);

  /** Puts a model in place whose manifest differs from {@link FakeBundle#manifest()}. */
  public FakePipeline with(Consumer<ObjectNode> manifest) {
    pipeline.close();
    model = new FakeModel(FakeBundle.manifest(manifest));
    pipeline = new Pipeline(model);
    return this;
  }

  /** The model underneath. */
  public FakeModel model() {
    return model;
  }

  /** The pipeline. */
  public Pipeline pipeline() {
    return pipeline;
  }

  /** A request for {@code n} candidates of which {@code k} are kept. */
  public GenerationRequest request(int n, int k) {
    return pipeline.request(PROMPT).candidates(n).keep(k);
  }

  @Override
  public void afterEach(ExtensionContext context) {
    pipeline.close();
    assertNothingLeft();
  }

  /** Fails unless the model and all that was opened of it are closed, in the right order. */
  public void assertNothingLeft() {
    assertThat(model.isClosed()).as("the model is closed").isTrue();
    assertThat(model.open()).as("what nobody closed").isEmpty();
    assertThat(model.wasClosedWhileInUse()).as("the model was closed while in use").isFalse();
  }
}
