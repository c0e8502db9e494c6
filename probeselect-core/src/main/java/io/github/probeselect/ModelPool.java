package io.github.probeselect;

import io.github.probeselect.error.BackendException;
import io.github.probeselect.error.InvalidRequestException;
import io.github.probeselect.internal.Arguments;
import io.github.probeselect.model.DiffusionModel;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One model, loaded once for each of its devices. Work is given to the device that is least busy,
 * and stays on it; while it runs, {@link #here} is the model of that device for its thread.
 * Thread-safe.
 */
final class ModelPool implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ModelPool.class);

  /** Limits the penalty of a device; more work than this is never under way. */
  private static final int HIGHEST_PENALTY = 1 << 20;

  private final List<Member> members;
  private final DiffusionModel model;

  @SuppressWarnings("ThreadLocalUsage") // of this pool only, and unset when the work ends
  private final ThreadLocal<@Nullable Member> current = new ThreadLocal<>();

  private int turn;

  /** The model on one device. */
  static final class Member {
    private final DiffusionModel model;
    private int running;
    private int penalty;

    private Member(DiffusionModel model) {
      this.model = model;
    }

    DiffusionModel model() {
      return model;
    }

    private int load() {
      return running + penalty;
    }
  }

  /**
   * Takes ownership of models, each on a device of its own.
   *
   * @throws InvalidRequestException if there is none, or they are not one and the same model
   */
  ModelPool(List<? extends DiffusionModel> models) {
    this.members =
        Arguments.<DiffusionModel>requireAll("models", models).stream().map(Member::new).toList();
    if (members.isEmpty()) {
      throw new InvalidRequestException("models is empty; a pipeline needs at least one");
    }
    DiffusionModel first = members.get(0).model;
    for (Member member : members) {
      if (!member.model.manifest().equals(first.manifest())) {
        throw new InvalidRequestException(
            "the devices of a pipeline run one and the same model, but "
                + first.device()
                + " has "
                + first.manifest().name()
                + " and "
                + member.model.device()
                + " has another, "
                + member.model.manifest().name());
      }
    }
    this.model = members.size() == 1 ? first : new PooledModel(this);
  }

  /** How many devices there are. */
  int size() {
    return members.size();
  }

  /** The models, in the order of the devices. */
  List<DiffusionModel> models() {
    return members.stream().map(Member::model).toList();
  }

  /** The only model; or, on several devices, one that passes every call on to {@link #here}. */
  DiffusionModel model() {
    return model;
  }

  /** Which of the models the current thread has been given; the first if none. */
  int here() {
    Member given = current.get();
    return given == null ? 0 : members.indexOf(given);
  }

  /** The least busy device; of several, the next in turn. */
  synchronized Member leastBusy() {
    Member least = members.get(turn % members.size());
    for (int i = 1; i < members.size(); i++) {
      Member other = members.get((turn + i) % members.size());
      if (other.load() < least.load()) {
        least = other;
      }
    }
    turn = members.indexOf(least) + 1;
    return least;
  }

  /** Runs work on the least busy device. */
  <T> T use(Function<DiffusionModel, T> work) {
    return running(begun(Optional.empty()), work);
  }

  /** Runs work on a device. */
  <T> T use(Member member, Function<DiffusionModel, T> work) {
    return running(begun(Optional.of(member)), work);
  }

  private synchronized Member begun(Optional<Member> wanted) {
    Member member = wanted.orElseGet(this::leastBusy);
    member.running++;
    return member;
  }

  private <T> T running(Member member, Function<DiffusionModel, T> work) {
    Member outer = current.get();
    current.set(member);
    boolean failed = false;
    try {
      return work.apply(member.model);
    } catch (BackendException e) {
      failed = true;
      throw e;
    } finally {
      restore(outer);
      ended(member, failed);
    }
  }

  private void restore(@Nullable Member outer) {
    if (outer == null) {
      current.remove();
    } else {
      current.set(outer);
    }
  }

  /**
   * A device that fails is soon idle and would be given all further work. So it counts as busier
   * with every failure in a row, until it works again.
   */
  private synchronized void ended(Member member, boolean failed) {
    member.running--;
    member.penalty = failed ? Math.min(HIGHEST_PENALTY, 2 * member.penalty + 1) : 0;
    if (failed && members.size() > 1) {
      LOG.warn(
          "work on {} failed; the other devices are preferred until it works again",
          member.model.device());
    }
  }

  /** Closes the model of every device, also if closing one of them fails. */
  @Override
  public void close() {
    closeAll(models());
  }

  /** Closes models, also if closing one of them fails. */
  static void closeAll(List<? extends AutoCloseable> resources) {
    RuntimeException failure = null;
    for (AutoCloseable resource : resources) {
      try {
        resource.close();
      } catch (RuntimeException e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      } catch (Exception e) {
        throw new AssertionError("neither models nor probes throw checked exceptions", e);
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
